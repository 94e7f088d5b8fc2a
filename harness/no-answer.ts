import { mayLoseMachine } from '../model/overlay/damage.ts';
import type { Scenario } from '../model/scenario.ts';
import { HarnessError } from './errors.ts';

/** A kernel that others use, too, cannot be thrown away. */
export function refuseToLose({ steps }: Scenario, isOurs: boolean): void {
  const isSafe = steps.every(
    (step) => step.op !== 'openHandle' || !mayLoseMachine(step.args.damage),
  );
  if (isSafe || isOurs) return;
  const why = 'a kernel that may never answer again has to be in a VM of our own';
  throw new HarnessError('unfit-kernel', `${why}: use --backend qemu or uml`);
}
