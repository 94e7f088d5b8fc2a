import type { Checked } from '../../model/observation.ts';
import { printStep } from '../../model/print-step.ts';
import { printCall } from '../../model/print-context.ts';
import { quote } from '../../model/print.ts';
import { RULES } from '../../model/rules.ts';
import { givenParameters } from '../../model/semantics/module-parameters.ts';
import type { Entry, Scenario } from '../../model/scenario.ts';
import type { Finding } from '../campaign-plan.ts';
import { fileOfParameter } from '../module-parameters.ts';
import { explanationText } from './explanation-text.ts';
import { playedRows } from './played-rows.ts';

const LOG_LINES_MAX = 40;
const CALL_COLUMNS_MAX = 64;
const RESULT_COLUMNS_MIN = 8;

/** A finding as a kernel developer wants to read it. Where it is stored is the caller's to add. */
export function findingText(finding: Finding): string {
  const { kind, cause, scenario, checked, reproduced, isMinimal, release, backend } = finding;
  const { explanation } = finding;
  const again = `${reproduced.times} of ${reproduced.of} runs on fresh machines`;
  const size = isMinimal ? ', minimal' : '';
  const parts = [
    `${TITLES[kind]}: ${cause}\n${again}${size}\nkernel ${release} (${backend})`,
    setUpText(scenario),
    checked === null ? stepsText(scenario) : sideBySide(scenario, checked),
  ];
  if (checked !== null) parts.push(differencesText(checked));
  if (explanation !== null) parts.push(explanationText(explanation));
  if (finding.rules.length > 0) parts.push(rulesText(finding.rules));
  if (finding.log !== null) parts.push(logText(finding.log));
  return `${parts.join('\n\n')}\n`;
}

const TITLES: Readonly<Record<Finding['kind'], string>> = {
  difference: 'DIFFERENCE',
  flaky: 'FLAKY DIFFERENCE',
  panic: 'KERNEL PANIC',
  warning: 'KERNEL WARNING',
  hung: 'KERNEL HANG',
  lost: 'MACHINE LOST',
};

/** What is there before the first step, and the call that mounts it. */
export function setUpText(scenario: Scenario): string {
  return `${mountText(scenario)}\n${layersText(scenario)}${looksText(scenario)}`;
}

export function mountText(scenario: Scenario): string {
  const parameters = givenParameters(scenario.parameters).map(
    ([name, value]) => `echo ${value ? 'Y' : 'N'} > ${fileOfParameter(name)}`,
  );
  return [...parameters, ...mounterText(scenario), mountCallText(scenario)].join('\n');
}

/** Whose credentials the mount has, as somebody would say it who does the same by hand. */
function mounterText({ mounter }: Scenario): readonly string[] {
  if (mounter === undefined) return [];
  return [`in a user namespace with all ids of outside, as root, who is ${mounter.as} there:`];
}

function mountCallText({ options, mount }: Scenario): string {
  if (mount !== undefined && 'calls' in mount) return mount.calls.map(printCall).join('\n');
  const params = mount?.params.map(({ key, value }) => `${key}=${value}`) ?? [];
  return `mount -t overlay -o ${[...params, options].filter((text) => text !== '').join(',')}`;
}

function looksText({ looks }: Scenario): string {
  return looks === undefined ? '' : '\nthe merged tree is looked at after the last step only';
}

const LAYER_NAMES = { lower: 'lower', data: 'data-only' } as const;

export function layersText({ base, layers, otherBases = [] }: Scenario): string {
  const counts = { upper: 0, lower: 0, data: 0 };
  return layers
    .map(({ role, on = 0, mapped, entries }) => {
      const ofOther = on === 0 ? '' : ` on ${otherBases[on - 1] ?? ''}, file system ${on}`;
      const where = on === 0 && base !== 'tmpfs' ? ` on ${base}` : ofOther;
      const name = (role === 'upper' ? 'upper' : `${LAYER_NAMES[role]} ${counts[role]++}`) + where;
      const ids = mapped === true ? ", root and alice in each other's place" : '';
      const lines = entries.map((entry) => `  ${entryText(entry)}`);
      return [`${name}${ids}:${entries.length === 0 ? ' empty' : ''}`, ...lines].join('\n');
    })
    .join('\n');
}

function entryText(entry: Entry): string {
  const parts: string[] = [entry.type.padEnd(7), entry.path];
  if (entry.type === 'symlink') parts.push(`-> ${entry.target}`);
  if (entry.type === 'link') parts.push(`= ${entry.to}`);
  if (entry.type === 'chr' || entry.type === 'blk') {
    parts.push(`${entry.rdev.major}:${entry.rdev.minor}`);
  }
  if (entry.type === 'file') {
    for (const { at, text } of entry.pieces ?? []) parts.push(`${quote(text)} at ${at}`);
    if (entry.size !== undefined) parts.push(`size ${entry.size}`);
    if (entry.verity === true) parts.push('with fs-verity');
  }
  if (entry.mode !== undefined) parts.push(`mode 0${entry.mode.toString(8)}`);
  if (entry.uid !== undefined) parts.push(`uid ${entry.uid}`);
  if (entry.gid !== undefined) parts.push(`gid ${entry.gid}`);
  parts.push(...(entry.flags ?? []));
  for (const [name, value] of Object.entries(entry.xattrs ?? {})) {
    parts.push(`${name}=${quote(value)}`);
  }
  return parts.join(' ');
}

function stepsText({ steps }: Scenario): string {
  return steps.map((step, index) => `${number(index + 1)}  ${printStep(step)}`).join('\n');
}

/** Every step that ran with what the model says and what the kernel did. */
export function sideBySide(
  scenario: Scenario,
  { differences, predicted, observed }: Checked,
): string {
  const differing = differences[0]?.step ?? Infinity;
  // A law that needs no model has no predictions.
  const isModelled = predicted.length > 0;
  const rows = playedRows(scenario, { differences, predicted, observed });
  const callColumns = Math.min(
    CALL_COLUMNS_MAX,
    Math.max(4, ...rows.map(({ call }) => call.length)),
  );
  const widest = Math.max(RESULT_COLUMNS_MIN, ...rows.map(({ model }) => model.length));
  const modelColumns = isModelled ? widest : 0;
  const row = (at: string, call: string, model: string, kernel: string): string =>
    `${at}  ${call.padEnd(callColumns)}  ${model.padEnd(modelColumns)}  ${kernel}`.trimEnd();
  return [
    row('step', 'call', isModelled ? 'model' : '', 'kernel'),
    ...rows.map(({ call, model, kernel }, index) => {
      const mark = index === differing ? '   <-- differs' : '';
      return row(number(index), call, model, kernel) + mark;
    }),
  ].join('\n');
}

/** The differences of the first step that differs. */
export function differencesText({ differences, sides }: Checked): string {
  const [expected, seen] = sides ?? ['model', 'kernel'];
  const lines = differences.map(({ at, predicted, observed }) => {
    return `  ${at}: ${expected} ${predicted}, ${seen} ${observed}`;
  });
  return [`after step ${differences[0]?.step ?? 0}:`, ...lines].join('\n');
}

function rulesText(rules: readonly string[]): string {
  const known: Readonly<Record<string, { readonly says: string; readonly source: string }>> = RULES;
  const lines = rules.map((id) => {
    const rule = known[id];
    return rule === undefined ? `  ${id}` : `  ${id}: ${rule.says}\n    (${rule.source})`;
  });
  return ['rules that the step was predicted by:', ...lines].join('\n');
}

function logText(log: string): string {
  const lines = log.trimEnd().split('\n');
  const shown = lines.slice(0, LOG_LINES_MAX);
  const rest = lines.length - shown.length;
  return ['kernel log:', ...shown, ...(rest > 0 ? [`... and ${rest} more lines`] : [])].join('\n');
}

function number(value: number): string {
  return String(value).padStart(4);
}
