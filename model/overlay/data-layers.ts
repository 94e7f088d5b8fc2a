import { profileOf } from '../bases.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { OvlInode, RealInode } from '../state.ts';
import { whyUntrusted } from './verity.ts';

/** Where data-only layers have the data of a file. They are asked when it is first needed. */
export interface LazyData {
  readonly path: string;
  found: RealInode | null;
}

/**
 * Data-only layers are not asked before the data of a file is needed: by any open, and before any
 * copy-up, even one that goes without data. What was found stays with the inode.
 */
export function whyDataMissing(context: Context, inode: OvlInode): Failure | null {
  return whyNotFound(context, inode) ?? whyUntrusted(context, inode);
}

function whyNotFound(context: Context, { lazyData }: OvlInode): Failure | null {
  if (lazyData?.found !== null) return null;
  context.rule('data-only/looked-up-late');
  let found: Prediction<RealInode> = fail('ENOENT');
  for (const root of context.world.overlay.dataLayers) {
    found = fileAt(root, lazyData.path);
    if (found.ok) break;
  }
  // What the last layer said.
  if (!found.ok) {
    context.rule('data-only/missing');
    // Stepping back is not done while names or mounts change, anywhere on the machine.
    return lazyData.path.split('/').includes('..')
      ? { ...found, anyOf: [...found.anyOf, 'EAGAIN'] }
      : found;
  }
  lazyData.found = found.value;
  return null;
}

/** The regular file at a path that may not lead through a symlink or out of the layer. */
function fileAt(root: RealInode, path: string): Prediction<RealInode> {
  let at = root;
  for (const name of path.slice(1).split('/')) {
    if (at.type === 'symlink') return fail('ELOOP');
    if (at.type !== 'dir') return fail('ENOTDIR');
    if (name === '.') continue;
    if (name === '..') {
      if (at === root || at.parent === null) return fail('EXDEV');
      at = at.parent;
      continue;
    }
    if (name.length > profileOf(root).nameBytesMax) return fail('ENAMETOOLONG');
    const next = at.entries.get(name);
    if (next === undefined) return fail('ENOENT');
    at = next;
  }
  return at.type === 'file' ? succeed(at) : fail('ENOENT');
}
