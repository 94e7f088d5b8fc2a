import { resolveOptions, unmodelled } from '../../model/overlay/params.ts';
import type { Scenario } from '../../model/scenario.ts';
import { profileOfRelease } from '../../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import { HarnessError } from '../errors.ts';

/** Refuses what the model would predict wrongly: a mount with a feature that it does not know. */
export function refuseUnmodelled(
  options: string,
  release: string,
  { hasUpper }: { readonly hasUpper: boolean } = { hasUpper: true },
): void {
  const semantics = profileOfRelease(release);
  const context = { semantics, environment: USUAL_ENVIRONMENT, rule: () => undefined };
  const resolved = resolveOptions(options, hasUpper, context);
  const what = resolved.ok ? unmodelled(resolved.value) : null;
  if (what === null) return;
  throw new HarnessError('bad-input', `mount options: ${what} is not modelled yet`);
}

/** The same for every mount that a scenario makes. */
export function refuseUnmodelledIn({ layers, options, steps }: Scenario, release: string): void {
  const hasUpper = layers.some(({ role }) => role === 'upper');
  refuseUnmodelled(options, release, { hasUpper });
  for (const step of steps) {
    if (step.op === 'mountOther') refuseUnmodelled(step.args.options, release, { hasUpper });
    if (step.op === 'mountBeside' || step.op === 'mountBusy') {
      refuseUnmodelled(step.args.options, release);
    }
  }
}
