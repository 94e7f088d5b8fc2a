import { Content } from './sparse.ts';
import type { Context } from './ops/op.ts';
import type { NodeView, StatView, Tree, TreeEntry, XattrValue } from './observation.ts';
import { shownFlags } from './file-flags.ts';
import { fsOfIno } from './ino.ts';
import { blocksOf, isMergedRoot, namesInSizeOf, nlinkShown, sizeOf } from './sizes.ts';
import { whyDataMissing } from './overlay/data-layers.ts';
import { dataOf, statOf, topOf } from './overlay/inode.ts';
import { inodeOf, lookup } from './overlay/namei.ts';
import { ownDotIno, parentIno } from './overlay/dots.ts';
import { shownEntries, startListing } from './overlay/readdir.ts';
import { isHidden, isUnlisted } from './overlay/by-mounter.ts';
import { isPrivateXattr, shownXattrName } from './overlay/marks.ts';
import type { Failure } from './prediction.ts';
import type { FileType, OvlDentry, OvlInode, RealFs, RealInode } from './state.ts';

/** What a layer shows of an inode on disk, kept while the inode stands still. */
interface KeptReal {
  readonly version: number;
  readonly entry: TreeEntry & { readonly node: NodeView };
}

/** A view of an inode of the overlay, and the version of the object on disk it was made of. */
interface KeptMerged {
  readonly top: RealInode;
  readonly version: number;
  readonly view: NodeView;
}

/**
 * What trees look like, with views shared between steps where nothing changed: the same object need
 * not be compared again.
 */
export class Viewer {
  readonly #kept = new WeakMap<RealInode, KeptReal>();
  readonly #keptMerged = new WeakMap<OvlInode, KeptMerged>();

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
    into.tree.set(path, this.#entryOf(inode, dIno, parent));
    const prefix = path === '' ? '' : `${path}/`;
    for (const [name, child] of inode.entries) {
      const mounted = into.mounts.get(child)?.root;
      // A listing shows what is mounted on; above the root of a file system is that root.
      this.#addReal(into, prefix + name, mounted ?? child, child.ino, mounted ?? inode);
    }
  }

  #entryOf(inode: RealInode, dIno: number | null, parent: RealInode | null): TreeEntry {
    const isDir = inode.type === 'dir';
    // What is above the root of an overlay is above one of its layers.
    const isKnown = isDir && !(isMergedRoot(inode) && parent === inode);
    const dotdotIno = isKnown ? (parent?.ino ?? null) : null;
    const kept = this.#kept.get(inode);
    const isSame = kept?.version === inode.version;
    if (isSame && kept.entry.dIno === dIno && kept.entry.dotdotIno === dotdotIno) return kept.entry;
    const node = isSame ? kept.entry.node : viewOnDisk(inode);
    const dotIno = isDir ? inode.ino : null;
    const entry = { dIno, dType: inode.type, dotIno, dotdotIno, node };
    this.#kept.set(inode, { version: inode.version, entry });
    return entry;
  }

  /** The status of an inode of the overlay has more sources than the object on disk. */
  #viewOfMerged(context: Context, dentry: OvlDentry): NodeView {
    const inode = inodeOf(dentry);
    const top = topOf(inode);
    // The status comes before the file is opened, which looks for its data.
    const status = statOf(context, dentry, inode);
    const missing = whyDataMissing(context, inode);
    const kept = this.#keptMerged.get(inode);
    if (missing !== null) return viewMerged(context, inode, status, missing);
    if (kept?.top === top && kept.version === top.version && isShownIn(kept.view, inode, status))
      return kept.view;
    const view = viewMerged(context, inode, status, null);
    this.#keptMerged.set(inode, { top, version: top.version, view });
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
    const node = this.#viewOfMerged(context, dentry);
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
      const opened = lookup(context, dentry, entry.name);
      // What is listed as a directory is opened, and asked for its status if that fails.
      const isAskedAgain = !opened.ok && entry.type === 'dir';
      const found = isAskedAgain ? lookup(context, dentry, entry.name) : opened;
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
    namesInSize: namesInSizeOf(inode),
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
function shownContent(inode: OvlInode): Content {
  const size = topOf(inode).content.length;
  const { content } = dataOf(inode);
  if (size === 0 || content.length === size) return size === 0 ? Content.EMPTY : content;
  return content.trimZeros().padEnd(size);
}

/** A new field of a status does not compile until it is here. */
const IS_IN_STATUS: Readonly<Record<keyof StatView, true>> = {
  type: true,
  mode: true,
  uid: true,
  gid: true,
  nlink: true,
  size: true,
  namesInSize: true,
  blocks: true,
  ino: true,
  dev: true,
  rdev: true,
  flags: true,
  atime: true,
  mtime: true,
  ctime: true,
};

// The keys of the record are those of its type: it is written out above.
const STATUS = Object.keys(IS_IN_STATUS) as (keyof StatView)[];

function isShownIn(view: NodeView, inode: OvlInode, status: StatView): boolean {
  return (
    STATUS.every((field) => view[field] === status[field]) &&
    view.content.equals(shownContent(inode))
  );
}

function viewMerged(
  context: Context,
  inode: OvlInode,
  status: StatView,
  missing: Failure | null,
): NodeView {
  const top = topOf(inode);
  const { marks } = context.world.overlay;
  const xattrs = new Map<string, XattrValue>();
  for (const [name, value] of top.xattrs) {
    if (isPrivateXattr(marks, name) || isUnlisted(context, top, name)) continue;
    const shown = isHidden(context, name) ? ({ unreadable: 'ENODATA' } as const) : value;
    xattrs.set(shownXattrName(marks, name), shown);
  }
  return {
    kind: 'node',
    ...status,
    xattrs,
    // A dump leaves zeros out, and all that it could not read.
    content: missing === null ? shownContent(inode) : Content.EMPTY.padEnd(status.size),
    target: top.target,
    ...(missing === null ? {} : { dataError: missing }),
  };
}
