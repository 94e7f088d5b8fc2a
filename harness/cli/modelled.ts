import { resolveOptions, unmodelled } from '../../model/overlay/params.ts';
import { profileOfRelease } from '../../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import { HarnessError } from '../errors.ts';

/** Refuses what the model would predict wrongly: a mount with a feature that it does not know. */
export function refuseUnmodelled(options: string, release: string): void {
  const semantics = profileOfRelease(release);
  const context = { semantics, environment: USUAL_ENVIRONMENT, rule: () => undefined };
  const resolved = resolveOptions(options, true, context);
  const what = resolved.ok ? unmodelled(resolved.value) : null;
  if (what === null) return;
  throw new HarnessError('bad-input', `mount options: ${what} is not modelled yet`);
}
