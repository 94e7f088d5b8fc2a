import type { OvlDentry } from './state.ts';

/** What stands for the name of an object that never had one. */
const UNNAMED = '#';
/** What the kernel shows of an object whose place in the tree is not known. */
const NOWHERE = '/';

/** The path of an object from the root of the overlay, by the names that it has in the cache. */
export function pathOf(dentry: OvlDentry): string {
  if (dentry.isDisconnected) return NOWHERE;
  const names: string[] = [];
  for (let at = dentry; at.parent !== null; at = at.parent) names.unshift(at.name || UNNAMED);
  return names.length === 0 ? '.' : names.join('/');
}
