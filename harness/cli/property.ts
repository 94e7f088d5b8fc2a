import { PROPERTIES } from '../../properties/index.ts';
import type { Property } from '../../properties/property.ts';
import { HarnessError } from '../errors.ts';

/** The property of a name that somebody gave. */
export function propertyOf(name: string): Property {
  const property = PROPERTIES[name];
  if (property !== undefined) return property;
  const names = Object.keys(PROPERTIES).join(', ');
  throw new HarnessError('bad-input', `no property ${name}; there are ${names}`);
}
