import type { Context } from './ops/op.ts';
import type { NodeView, Tree, TreeEntry, XattrValue } from './observation.ts';
import { shownFlags } from './file-flags.ts';
import { fsOfIno } from './ino.ts';
import { blocksOf, nlinkShown, sizeOf } from './sizes.ts';
import { whyDataMissing } from './overlay/data-layers.ts';
import { dataOf, statOf, topOf } from './overlay/inode.ts';
import { inodeOf, lookup } from './overlay/namei.ts';
import { ownDotIno, parentIno, shownEntries, startListing } from './overlay/readdir.ts';
import { isPrivateXattr, shownXattrName } from './overlay/marks.ts';
import type { Failure } from './prediction.ts';
import type { FileType, OvlDentry, OvlInode, RealFs, RealInode } from './state.ts';
import { trimZeros } from './zeros.ts';

/** A view of an inode on disk, kept while the inode stands still. */
interface Kept {
  readonly version: number;
  readonly view: NodeView;
}

/** What trees look like, with views shared between steps where nothing changed. */
export class Viewer {
  readonly #kept = new WeakMap<RealInode, Kept>();

  /** Every layer and the work directory as they stand on disk. */
  base({ root, mounts }: RealFs): Tree {
    const tree = new Map<string, TreeEntry>();
    this.#addReal({ tree, mounts }, '', root, null, null);
    return tree;
  }

  /** The overlay as a dump sees it. Looking changes the model as it changes the kernel. */
  merged(context: Context): Tree {
    const tree = new Map<string, TreeEntry>();
    const { root } = context.world.overlay;
    this.#addMerged(context, tree, '', root, null, 'dir');
    return tree;
  }

  #addReal(
    into: { readonly tree: Map<string, TreeEntry>; readonly mounts: RealFs['mounts'] },
    path: string,
    inode: RealInode,
    dIno: number | null,
    parent: RealInode | null,
  ): void {
    const isDir = inode.type === 'dir';
    into.tree.set(path, {
      dIno,
      dType: inode.type,
      dotIno: isDir ? inode.ino : null,
      dotdotIno: isDir ? (parent?.ino ?? null) : null,
      node: this.#viewOf(inode),
    });
    const prefix = path === '' ? '' : `${path}/`;
    for (const [name, child] of inode.entries) {
      const mounted = into.mounts.get(child)?.root;
      // A listing shows what is mounted on; above the root of a file system is that root.
      this.#addReal(into, prefix + name, mounted ?? child, child.ino, mounted ?? inode);
    }
  }

  #viewOf(inode: RealInode): NodeView {
    const kept = this.#kept.get(inode);
    if (kept?.version === inode.version) return kept.view;
    const view = viewOnDisk(inode);
    this.#kept.set(inode, { version: inode.version, view });
    return view;
  }

  #addMerged(
    context: Context,
    tree: Map<string, TreeEntry>,
    path: string,
    dentry: OvlDentry,
    dIno: number | null,
    dType: FileType,
  ): void {
    const inode = inodeOf(dentry);
    const node = viewMerged(context, dentry);
    if (inode.type !== 'dir') {
      tree.set(path, { dIno, dType, dotIno: null, dotdotIno: null, node });
      return;
    }
    const listing = startListing(context, dentry);
    if (!listing.ok) {
      const unlisted = { ...node, dataError: listing };
      tree.set(path, { dIno, dType, dotIno: null, dotdotIno: null, node: unlisted });
      return;
    }
    const { shown, failures } = shownEntries(context, dentry, listing.value);
    const dotdotIno = parentIno(context, dentry, listing.value);
    const dotIno = ownDotIno(context, dentry, listing.value);
    tree.set(path, { dIno, dType, dotIno, dotdotIno, node: mayFail(node, failures) });
    const prefix = path === '' ? '' : `${path}/`;
    shown.sort((a, b) => (a.entry.name < b.entry.name ? -1 : 1));
    for (const { entry, ino } of shown) {
      const found = lookup(context, dentry, entry.name);
      if (found.ok && found.value.inode !== null) {
        this.#addMerged(context, tree, prefix + entry.name, found.value, ino, entry.type);
      } else {
        const error = found.ok ? ({ ok: false, anyOf: ['ENOENT'] } as const) : found;
        tree.set(prefix + entry.name, {
          dIno: ino,
          dType: entry.type,
          dotIno: null,
          dotdotIno: null,
          node: { kind: 'unreadable', error },
        });
      }
    }
  }
}

/** A call that comes to such a name ends there, and fails when it has come to nothing else. */
function mayFail(node: NodeView, failures: readonly Failure[]): NodeView {
  if (failures.length === 0) return node;
  return { ...node, mayFail: { ok: false, anyOf: failures.flatMap(({ anyOf }) => anyOf) } };
}

function viewOnDisk(inode: RealInode): NodeView {
  const fs = fsOfIno(inode.ino);
  return {
    kind: 'node',
    type: inode.type,
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    nlink: nlinkShown(inode),
    size: sizeOf(inode),
    blocks: blocksOf(inode),
    ino: inode.ino,
    dev: fs === 0 ? 'base' : `base ${fs}`,
    rdev: inode.rdev,
    flags: shownFlags(inode),
    atime: inode.atime,
    mtime: inode.mtime,
    ctime: inode.ctime,
    xattrs: new Map(inode.xattrs),
    content: inode.content,
    target: inode.target,
  };
}

/** What reading to the size gives: zeros behind the data, and data behind it but for zeros. */
function shownContent(inode: OvlInode): string {
  const size = topOf(inode).content.length;
  const { content } = dataOf(inode);
  if (size === 0 || content.length === size) return size === 0 ? '' : content;
  return trimZeros(content).padEnd(size, '\0');
}

function viewMerged(context: Context, dentry: OvlDentry): NodeView {
  const inode = inodeOf(dentry);
  const top = topOf(inode);
  const { marks } = context.world.overlay;
  const xattrs = new Map<string, XattrValue>();
  for (const [name, value] of top.xattrs) {
    if (!isPrivateXattr(marks, name)) xattrs.set(shownXattrName(marks, name), value);
  }
  // The status comes before the file is opened, which looks for its data.
  const status = statOf(context, dentry, inode);
  const missing = whyDataMissing(context, inode);
  return {
    kind: 'node',
    ...status,
    xattrs,
    // A dump leaves zeros out, and all that it could not read.
    content: missing === null ? shownContent(inode) : '\0'.repeat(status.size),
    target: top.target,
    ...(missing === null ? {} : { dataError: missing }),
  };
}
