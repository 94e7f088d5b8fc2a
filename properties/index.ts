import { lockstep } from './lockstep.ts';
import type { Property } from './property.ts';

/** Every property, by the name that the command line takes. */
export const PROPERTIES: Readonly<Record<string, Property>> = { lockstep };
