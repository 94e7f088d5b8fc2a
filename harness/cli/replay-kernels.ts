import type { Scenario } from '../../model/scenario.ts';
import { profileOfRelease } from '../../model/semantics/resolve.ts';
import { differencesFrom, groupsOf } from '../../properties/agreement.ts';
import { lockstep } from '../../properties/lockstep.ts';
import { columnsText, isMountAt, observedCells } from '../report/columns.ts';
import type { Column } from '../report/columns.ts';
import { differencesText } from '../report/text.ts';
import { EXIT, exitOfError, interruption } from './context.ts';
import type { KernelFlags } from './context.ts';
import { isGap, isRun, runOnKernel } from './on-kernels.ts';
import type { KernelGap, KernelRun, PlainRun, Shown } from './on-kernels.ts';

type Seen = KernelRun & { readonly one: Extract<Shown, { readonly plain: unknown }> };

/** Runs each scenario on several kernels, side by side. */
export async function replayOnKernels(
  scenarios: readonly (readonly [file: string, Scenario])[],
  kernels: readonly string[],
  flags: Omit<KernelFlags, 'kernel'>,
): Promise<number> {
  const signal = interruption();
  const trial = {
    scenarios: scenarios.map(([, scenario]) => scenario),
    property: lockstep,
    withTwin: true,
  };
  const tried: (KernelRun | KernelGap)[] = [];
  for (const asked of kernels) tried.push(await runOnKernel(asked, trial, flags, signal));
  const runs = tried.filter(isRun);
  const gaps = tried.filter(isGap);
  let isWrong = false;
  for (const [index, [file, scenario]] of scenarios.entries()) {
    process.stdout.write(`${file}\n`);
    for (const { asked, shown } of runs) {
      const one = shown[index];
      if (one === undefined || !('trouble' in one)) continue;
      isWrong = true;
      process.stdout.write(`kernel ${asked} ${one.trouble.reason}:\n${one.trouble.report}\n`);
    }
    const seen = runs.flatMap((run): readonly Seen[] => {
      const one = run.shown[index];
      return one === undefined || 'trouble' in one ? [] : [{ ...run, one }];
    });
    if (seen.length > 0) process.stdout.write(`${comparisonText(scenario, seen)}\n`);
    isWrong ||= seen.some(({ one }) => one.checked.differences.length > 0);
  }
  for (const { asked, why } of gaps) process.stdout.write(`${asked}: ${why.message}\n`);
  if (isWrong) return EXIT.differs;
  return gaps[0] === undefined ? EXIT.holds : exitOfError(gaps[0].why);
}

function comparisonText(scenario: Scenario, seen: readonly Seen[]): string {
  const columns = seen.map(({ asked, one }): Column => {
    const { observed, differences } = one.checked;
    return {
      title: asked,
      cells: observedCells(scenario, observed),
      wrongAt: differences[0]?.step,
    };
  });
  const plain = seen.findLast(({ one }) => one.plain !== null)?.one.plain;
  const last = plain == null ? [] : [{ title: 'plain', cells: plainCells(scenario, plain) }];
  const parts = [columnsText(scenario, [...columns, ...last]), agreementText(scenario, seen)];
  const wrong = seen.filter(({ one }) => one.checked.differences.length > 0);
  parts.push(
    ...wrong.map(({ asked, kernel, one }) => {
      return `${asked} (${kernel.release}), * above, ${differencesText(one.checked)}`;
    }),
  );
  return `${parts.join('\n\n')}\n`;
}

/** Who does as the model of its own version says, and who does as whom. */
function agreementText(scenario: Scenario, seen: readonly Seen[]): string {
  const right = seen.filter(({ one }) => one.checked.differences.length === 0);
  const wrong = seen.filter((each) => !right.includes(each));
  const models = [
    right.length === 0 ? [] : [`${namesOf(right)} as the model says`],
    wrong.length === 0 ? [] : [`${namesOf(wrong)} not as the model says`],
  ].flat();
  const witnesses = seen.map((each) => ({ ...each, observed: each.one.checked.observed }));
  const groups = groupsOf(scenario, witnesses);
  const [newest] = groups.at(-1)?.slice(-1) ?? [];
  if (groups.length === 1 || newest === undefined) {
    return `${models.join('; ')}\n${seen.length > 1 ? 'the kernels do the same' : ''}`.trimEnd();
  }
  const reference = profileOfRelease(newest.kernel.release);
  const others = groups.flatMap((group) => {
    const [first] = group;
    const differences = first === undefined ? [] : differencesFrom(reference, scenario, first);
    if (differences.length === 0) return [];
    const checked = { predicted: [], observed: [], differences };
    const sides = [reference.id, 'here'] as const;
    return [`${namesOf(group)}: ${differencesText({ ...checked, sides })}`];
  });
  const alike = groups.map(namesOf).join(' | ');
  return [`${models.join('; ')}\nkernels that do the same: ${alike}`, ...others].join('\n\n');
}

function namesOf(some: readonly { readonly asked: string }[]): string {
  return some.map(({ asked }) => asked).join(', ');
}

/** What a plain file system shows of its mount is of no use beside an overlay's. */
function plainCells(scenario: Scenario, plain: PlainRun): readonly (string | null)[] {
  const cells = observedCells(scenario, plain);
  return cells.map((cell, at) => (isMountAt(scenario, at) && cell !== null ? '0' : cell));
}
