import type { Scenario } from '../model/scenario.ts';
import { ARRANGEMENTS, CHOICES } from './option-product.ts';

/** What no kernel knows, or not all; each beside one that is right, in both orders. */
const ODD = [
  ...['default_permissions', 'override_creds', 'nooverride_creds'],
  ...['bogus', 'bogus=on', 'default_permissions=on', 'volatile=on', 'userxattr='],
  ...['index', 'index=', 'index=yes', 'INDEX=on', 'redirect_dir', 'redirect_dir=bogus'],
  ...['metacopy=1', 'nfs_export=ON', 'xino=maybe', 'uuid=', 'uuid=none', 'verity=maybe'],
  ...['fsync', 'fsync=none', 'workdir', 'lowerdir', 'ro', 'rw', 'ro=on', 'rw='],
];

/** Nothing, so that every option comes alone as well, then all that an option may be. */
const TOKENS: readonly string[] = ['', ...CHOICES.flat().filter((text) => text !== ''), ...ODD];

/** How many mounts there are with two options in any order, the same twice included. */
export const SEQUENCES = ARRANGEMENTS.length * TOKENS.length ** 2;

/** Mount number `index` of two options, one after the other. */
export function sequenceAt(index: number): Scenario {
  const layers = ARRANGEMENTS[index % ARRANGEMENTS.length];
  const pair = Math.floor(index / ARRANGEMENTS.length);
  const first = TOKENS[Math.floor(pair / TOKENS.length)];
  const second = TOKENS[pair % TOKENS.length];
  if (layers === undefined || first === undefined || second === undefined) {
    throw new RangeError(`there is no mount ${index}`);
  }
  const options = [first, second].filter((text) => text !== '').join(',');
  return { base: 'tmpfs', layers, options, steps: [] };
}
