import { durability } from './durability.ts';
import { exhaustive } from './exhaustive.ts';
import { handles } from './handles.ts';
import { invariants } from './invariants.ts';
import { lockstep } from './lockstep.ts';
import { mountDefaults } from './mount-defaults.ts';
import { mountOptions } from './mount-options.ts';
import { mountUserns } from './mount-userns.ts';
import { remountEquivalence } from './remount-equivalence.ts';
import type { Property } from './property.ts';
import { writeback } from './writeback.ts';
import { twin } from './twin.ts';

/** What is checked when nothing is said. */
export const DEFAULT_PROPERTY = lockstep.name;

/** Every property, by the name that the command line takes. */
export const PROPERTIES: Readonly<Record<string, Property>> = Object.fromEntries(
  [
    lockstep,
    mountOptions,
    mountUserns,
    mountDefaults,
    remountEquivalence,
    twin,
    durability,
    writeback,
    invariants,
    handles,
    exhaustive,
  ].map((property) => [property.name, property]),
);
