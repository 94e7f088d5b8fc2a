import type { Prediction } from '../../model/prediction.ts';
import { printStep } from '../../model/print-step.ts';
import { OPS } from '../../model/ops/index.ts';
import type { Step } from '../../model/ops/index.ts';
import { lowerPaths } from '../../model/scenario.ts';
import type { Scenario } from '../../model/scenario.ts';
import { USERS } from '../../model/users.ts';
import type { Reproducer } from './reproducer.ts';
import { refuseForShell } from './sh-layers.ts';
import { commandOf, fileOf } from './sh-steps.ts';

/** What a script does for a step. */
export type Action =
  | { readonly does: 'mount' | 'umount' }
  | { readonly does: 'close'; readonly words: string }
  /** It succeeds, or fails with one of these. */
  | { readonly does: 'try'; readonly words: string; readonly errnos: readonly string[] }
  | { readonly does: 'show'; readonly words: string; readonly prints: string };

/** What a script does for each prediction of a trace, the mount first. */
export function actionsOf(
  { scenario, predicted }: Reproducer,
  placeOf: (root: string) => string,
): readonly (readonly Action[])[] {
  const open = new Set<number>();
  return predicted.map(({ result }, index) => {
    const step = scenario.steps[index - 1];
    if (step === undefined) {
      if (!result.ok) refuseForShell('the errno of a mount');
      return [{ does: 'mount' }];
    }
    const actions = stepActions(step, `step ${index}, ${printStep(step)}`, result, {
      ...{ open, scenario, placeOf },
    });
    if (step.op === 'open' && result.ok) open.add(step.args.slot);
    if (step.op === 'close') open.delete(step.args.fd);
    return actions;
  });
}

interface World {
  /** Files that steps left open. */
  readonly open: Set<number>;
  readonly scenario: Scenario;
  readonly placeOf: (root: string) => string;
}

/** What is done to a layer is done while nothing is mounted and nothing open. */
function stepActions(
  step: Step,
  what: string,
  predicted: Prediction<unknown>,
  { open, scenario, placeOf }: World,
): readonly Action[] {
  if (OPS[step.op].result === 'mount' || OPS[step.op].result === 'edit') {
    if (!predicted.ok) refuseForShell(`${what}, which fails to mount`);
  }
  if (step.op !== 'remount' && !('layer' in step.args)) {
    // The model says what becomes of a remount, where a script drops what there is.
    const wanted: Prediction<unknown> =
      step.op === 'dropCaches' ? { ok: true, value: null } : predicted;
    return [actionOf(step, what, placeOf('m'), wanted)];
  }
  const closing = [...open].map((slot): Action => ({ does: 'close', words: fileOf(slot) }));
  open.clear();
  const before = [...closing, { does: 'umount' } as const];
  if (!('layer' in step.args)) return [...before, { does: 'mount' }];
  const { layer } = step.args;
  const lower = typeof layer === 'number' ? lowerPaths(scenario)[layer] : undefined;
  const root = lower ?? { upper: 'u', work: 'w' }[String(layer)] ?? refuseForShell(what);
  const said = predicted.ok ? predicted.value : 'done';
  // What is no success is an errno.
  const edited: Prediction<unknown> =
    said === 'done' ? { ok: true, value: null } : { ok: false, anyOf: [said as 'EIO'] };
  return [...before, actionOf(step, what, placeOf(root), edited), { does: 'mount' }];
}

function actionOf(step: Step, what: string, place: string, predicted: Prediction<unknown>): Action {
  const command = commandOf(step, place, predicted);
  if (command === null) refuseForShell(what);
  const { words, prints, isOwn } = command;
  const user = USERS[step.as ?? 'root'];
  const isOther = user.uid !== 0;
  // Functions of the script are none of setpriv's.
  if (isOther && (isOwn === true || /^(\w+_\w+|reads|writes) /.test(words))) refuseForShell(what);
  const all = isOther ? `as_user ${user.uid} ${user.gid} ${words}` : words;
  if (prints !== undefined) return { does: 'show', words: all, prints };
  if (!predicted.ok) return { does: 'try', words: all, errnos: predicted.anyOf };
  if (predicted.unless !== undefined) refuseForShell(what);
  return { does: 'try', words: all, errnos: [] };
}
