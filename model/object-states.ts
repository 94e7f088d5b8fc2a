import { isWhiteout } from './layer.ts';
import { OPS } from './ops/index.ts';
import type { OpName, Step } from './ops/index.ts';
import type { ArgKind } from './ops/op.ts';
import type { MountConfig } from './overlay/params.ts';
import type { Overlay, OvlDentry, OvlInode, World } from './state.ts';

/** Where the layers have an object, which is what most of overlayfs goes by. */
const PLACES = {
  dir: ['lower', 'lower, merged', 'upper', 'opaque', 'merged', 'merged, redirected'],
  file: [
    ...['lower', 'lower, data apart', 'upper', 'copied up', 'copied up, indexed'],
    ...['metacopy', 'metacopy, indexed'],
  ],
  other: ['lower', 'upper', 'copied up', 'copied up, indexed'],
} as const;
/** An object that a path leads to, or what else an open file or a handle may be of. */
const HOLDS = ['', 'unlinked ', 'disconnected '] as const;
const NO_INO = -1;
const KINDS = ['dir', 'file', 'other'] as const;
/** What a handle may name without an inode of the overlay's. */
const UNCACHED = ['not in the cache', 'gone'] as const;
const NAMES = ['root', 'free name', 'name under a whiteout', 'name below no directory'] as const;

/** What a mount was asked for that changes what most steps do; the first one that fits. */
const OPTION_CLASSES = {
  'read-only': (_, { upper }) => upper === null,
  volatile: ({ sync }) => sync === 'volatile',
  'nfs_export, metacopy': ({ nfsExport, metacopy }) => nfsExport && metacopy,
  nfs_export: ({ nfsExport }) => nfsExport,
  'metacopy, index': ({ metacopy, index }) => metacopy && index,
  metacopy: ({ metacopy }) => metacopy,
  index: ({ index }) => index,
  redirect: ({ redirectDir }) => redirectDir === 'on',
  plain: () => true,
} as const satisfies Record<string, (config: MountConfig, overlay: Overlay) => boolean>;

/** One argument of a step, the state of what it names, and the kind of mount it is in. */
export interface ObjectMet {
  readonly use: string;
  readonly state: string;
  readonly options: string;
}

/** Arguments that name an object of the overlay, by operation. */
export const OBJECT_ARGS: ReadonlyMap<OpName, readonly [name: string, kind: ArgKind][]> = new Map(
  // OPS is a literal: it has no other keys. Paths of offline edits are those of a layer.
  (Object.keys(OPS) as readonly OpName[]).map((op) => {
    const args: readonly (readonly [string, ArgKind])[] = Object.entries(OPS[op].args);
    const isOfLayer = args.some(([, kind]) => kind === 'layer');
    const named = args.filter(([, kind]) => kind === 'path' || kind === 'fd' || kind === 'handle');
    return [op, isOfLayer ? [] : named.map(([name, kind]) => [name, kind])];
  }),
);

/** Every state that an argument of a kind can be in, whether anything leads there or not. */
export function statesOf(kind: ArgKind): readonly string[] {
  const holds = kind === 'path' ? HOLDS.slice(0, 1) : HOLDS;
  const objects = holds.flatMap((hold) =>
    KINDS.flatMap((type) => PLACES[type].map((place) => `${hold}${type}: ${place}`)),
  );
  if (kind === 'path') return [...NAMES, ...objects];
  return kind === 'handle' ? [...objects, ...UNCACHED] : ['root', ...objects];
}

export const OPTION_CLASS_NAMES: readonly string[] = Object.keys(OPTION_CLASSES);

/** What a step is about to meet. Nothing is looked up: what was looked at last is in the cache. */
export function objectsMet(world: World, { op, args }: Step): readonly ObjectMet[] {
  const named = OBJECT_ARGS.get(op) ?? [];
  if (named.length === 0) return [];
  const options = optionClassOf(world.overlay);
  // The names come from the table of this very operation.
  const values = args as Readonly<Record<string, unknown>>;
  return named.flatMap(([name]) => {
    const state = stateOf(world, values[name], name === 'handle');
    return state === null ? [] : [{ use: `${op} ${name}`, state, options }];
  });
}

function optionClassOf(overlay: Overlay): string {
  const classes = Object.entries(OPTION_CLASSES);
  return classes.find(([, isOf]) => isOf(overlay.config, overlay))?.[0] ?? '';
}

/** Null for an empty slot. */
function stateOf(world: World, value: unknown, isHandle: boolean): string | null {
  if (typeof value === 'string') return stateAt(world.overlay, value);
  if (typeof value !== 'number') return null;
  if (isHandle) return stateOfHandle(world, value);
  const file = world.slots[value];
  return file == null ? null : stateOfObject(file.dentry, file.inode);
}

function stateOfHandle({ fs, overlay, handles }: World, slot: number): string | null {
  const real = fs.byIno.get(handles[slot]?.ino ?? NO_INO);
  if (real === undefined) return null;
  const inode = overlay.inodes.get(real);
  const dentry = inode?.aliases.at(-1);
  if (inode !== undefined && dentry !== undefined) return stateOfObject(dentry, inode);
  return real.nlink === 0 ? 'gone' : 'not in the cache';
}

function stateAt({ root }: Overlay, path: string): string {
  let at = root;
  for (const name of path.split('/')) {
    if (name === '.' || name === '') continue;
    if (at.inode?.type !== 'dir') return 'name below no directory';
    const child = name === '..' ? at.parent : at.children.get(name);
    if (child?.inode == null) {
      const isHidden = isWhiteout(at.inode.upper?.entries.get(name));
      // Below a name that is free there are none.
      return isHidden ? 'name under a whiteout' : 'free name';
    }
    at = child;
  }
  return at.inode === null ? 'free name' : stateOfObject(at, at.inode);
}

function stateOfObject(dentry: OvlDentry, inode: OvlInode): string {
  if (dentry.parent === null && !dentry.isDisconnected && dentry.isHashed) return 'root';
  const hold = dentry.isHashed ? HOLDS[0] : HOLDS[1];
  const type = inode.type === 'dir' || inode.type === 'file' ? inode.type : 'other';
  const place = type === 'dir' ? placeOfDir(dentry, inode) : placeOfFile(inode);
  return `${dentry.isDisconnected ? HOLDS[2] : hold}${type}: ${place}`;
}

function placeOfDir({ isOpaque }: OvlDentry, { upper, lowers, redirect }: OvlInode): string {
  if (upper === null) return lowers.length > 1 ? 'lower, merged' : 'lower';
  if (lowers.length === 0) return isOpaque ? 'opaque' : 'upper';
  return redirect === null ? 'merged' : 'merged, redirected';
}

function placeOfFile({ type, upper, lowers, ...inode }: OvlInode): string {
  const indexed = inode.isIndexed ? ', indexed' : '';
  if (upper === null) return inode.lazyData === null ? `lower${indexed}` : 'lower, data apart';
  if (lowers.length === 0) return 'upper';
  const isWhole = inode.hasUpperData || type !== 'file';
  return `${isWhole ? 'copied up' : 'metacopy'}${indexed}`;
}
