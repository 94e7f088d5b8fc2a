import type { Context } from '../ops/op.ts';
import { MAY_EXEC, MAY_WRITE } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { resolvePlace } from '../walk.ts';
import type { Place } from '../walk.ts';
import { inodeOf } from './namei.ts';
import { whyReadOnly } from './read-only.ts';
import { whyNotPermitted } from './protection.ts';

/** Where a new object may go: a name that does not exist in a directory the caller may change. */
export function newPlace(context: Context, path: string): Prediction<Place> {
  const found = freeName(context, path);
  return found.ok ? mayCreate(context, found.value) : found;
}

/** A name that does not exist, whoever may make it. */
export function freeName(context: Context, path: string): Prediction<Place> {
  const found = resolvePlace(context, path, { follow: false });
  if (!found.ok) return found;
  if (found.value?.dentry.inode !== null) return fail('EEXIST');
  return succeed(found.value);
}

export function mayCreate(context: Context, place: Place): Prediction<Place> {
  const inode = inodeOf(place.parent);
  const why = whyReadOnly(context) ?? whyNotPermitted(inode, context.caller, MAY_WRITE | MAY_EXEC);
  return why ?? succeed(place);
}
