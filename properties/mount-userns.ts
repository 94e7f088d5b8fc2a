import type { Mounter } from '../model/mounter.ts';
import { checkMount, checkMounts, TOGETHER } from './check-mounts.ts';
import { MOUNTS, mountAt } from './option-product.ts';
import { SEQUENCES, sequenceAt } from './option-sequences.ts';
import type { Property } from './property.ts';
import { WITHOUT_OPTION } from './shrink-passes.ts';

/** All that a mount does with options is the same whoever it is. */
const MOUNTER: Mounter = { as: 'alice' };

/** Each mount has a process and namespaces of its own: this takes longer than `mount-options`. */
export const mountUserns: Property = {
  name: 'mount-userns',
  says: 'The same of combinations of mount options, where root of a user namespace mounts.',
  list: { count: SEQUENCES + MOUNTS, together: TOGETHER, check: checkMounts },
  passes: [WITHOUT_OPTION],
  scenarioAt(_, index) {
    const scenario = index < SEQUENCES ? sequenceAt(index) : mountAt(index - SEQUENCES);
    return { ...scenario, mounter: MOUNTER };
  },
  check: checkMount,
};
