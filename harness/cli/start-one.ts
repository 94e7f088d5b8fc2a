import type { Scenario } from '../../model/scenario.ts';
import type { Guest } from '../campaign-guest.ts';
import { makesFail } from '../devices.ts';
import { servesNfs } from '../nfs-recipes.ts';
import { prepareGuests } from '../start-guest.ts';
import { tellOnStderr } from './context.ts';
import type { KernelFlags } from './context.ts';
import { wishOf } from './flags.ts';

/** A machine that can run some scenarios. */
export async function startOne(
  flags: KernelFlags,
  scenarios: readonly Scenario[],
  signal: AbortSignal,
  { isProbed = true }: { readonly isProbed?: boolean } = {},
): Promise<Guest> {
  const source = await prepareGuests({
    ...wishOf(flags),
    isProbed,
    bases: scenarios.flatMap(({ base, otherBases = [] }) => [base, ...otherBases]),
    failing: scenarios.some(makesFail),
    nfs: scenarios.some(servesNfs),
    note: tellOnStderr,
  });
  const { choice, image } = source;
  tellOnStderr(`kernel ${image.release}, backend ${choice.backend.name}: ${choice.because}`);
  return source.start(signal);
}
