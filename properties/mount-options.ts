import type { Scenario } from '../model/scenario.ts';
import { checkMount, checkMounts, TOGETHER } from './check-mounts.ts';
import { certify } from './certificate.ts';
import { certificateText } from './certificate-text.ts';
import { mountOptionsOn } from './option-file-systems.ts';
import { BASES, baseAt } from './option-bases.ts';
import { CONTEXTS, contextAt } from './option-contexts.ts';
import { MOUNTS, mountAt } from './option-product.ts';
import { LENGTHS, lengthAt } from './option-lengths.ts';
import { PLANS, planAt } from './option-places.ts';
import { SEQUENCES, sequenceAt } from './option-sequences.ts';
import type { Property } from './property.ts';
import { WITHOUT_OPTION, WITHOUT_PARAMETER } from './shrink-passes.ts';

/** The odd ones come first: they are few. */
const LISTS = [
  { count: LENGTHS, at: lengthAt },
  { count: BASES, at: baseAt },
  { count: PLANS, at: planAt },
  { count: CONTEXTS, at: contextAt },
  { count: SEQUENCES, at: sequenceAt },
  { count: MOUNTS, at: mountAt },
] as const;

export const mountOptions: Property = {
  name: 'mount-options',
  says: 'The kernel takes, refuses and shows every combination of mount options as predicted.',
  list: {
    count: LISTS.reduce((sum, { count }) => sum + count, 0),
    together: TOGETHER,
    check: checkMounts,
    certify: (kernel) => {
      const document = certify(kernel);
      return { document, text: certificateText(document) };
    },
  },
  passes: [WITHOUT_OPTION, WITHOUT_PARAMETER],
  scenarioAt: (_, index) => listedAt(index),
  check: checkMount,
  on: (names) => mountOptionsOn(mountOptions, names),
};

function listedAt(index: number): Scenario {
  let rest = index;
  for (const { count, at } of LISTS) {
    if (rest < count) return at(rest);
    rest -= count;
  }
  throw new RangeError(`there is no mount ${index}`);
}
