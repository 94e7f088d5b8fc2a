/** A place that a plan may name. */
export interface Place {
  readonly type: 'dir' | 'file';
  /** Seen from the folder that holds all places: the same for every way to the same object. */
  readonly at: string;
  /** The mount it is reached through. */
  readonly mount: PlaceMount;
  /** An overlay that is mounted beside has it for its upper layer or work directory. */
  readonly isInUse?: true;
  /** It was an upper layer before, and has the uuid of then. */
  readonly hasUuid?: true;
  /** What a work directory holds from before. */
  readonly leftover?: Leftover;
}

/** What an earlier mount, or somebody else, left in a work directory. */
export type Leftover =
  /** A feature that later mounts have to know of, and none knows. */
  | 'incompatible'
  | 'nothing incompatible'
  /** More levels of directories than a mount removes. */
  | 'too deep'
  | 'a file';

export type PlaceMount = 'own' | PlacePoint;

/** Folders that something is mounted on, in the order in which that is done. */
export const PLACE_POINTS = {
  /** Another file system of the same type. */
  other: { type: 'tmpfs' },
  /** One that takes no xattrs, and of which no file handles are decoded. */
  ramfs: { type: 'ramfs' },
  /** An overlay, and an overlay on that one. */
  ovl: { type: 'overlay', on: null },
  ovl2: { type: 'overlay', on: 'ovl' },
  /** The same folder on another mount, which for one may not be written to. */
  bind: { type: 'bind', from: 'shared', isReadOnly: false },
  ro: { type: 'bind', from: 'shared', isReadOnly: true },
} as const satisfies Record<string, PointSpec>;

type PointSpec =
  | { readonly type: 'tmpfs' | 'ramfs' }
  | { readonly type: 'overlay'; readonly on: string | null }
  | { readonly type: 'bind'; readonly from: string; readonly isReadOnly: boolean };

export type PlacePoint = keyof typeof PLACE_POINTS;

/** A file system that places are on, as far as a mount looks at it. */
export interface PlaceFs {
  readonly name: string;
  readonly type: 'tmpfs' | 'ramfs' | 'overlay';
  /** How many overlays are on top of one another. */
  readonly depth: number;
}

export function fsOf({ mount }: Pick<Place, 'mount'>): PlaceFs {
  switch (mount) {
    case 'other':
    case 'ramfs':
      return { name: mount, type: PLACE_POINTS[mount].type, depth: 0 };
    case 'ovl':
      return { name: mount, type: 'overlay', depth: 1 };
    case 'ovl2':
      return { name: mount, type: 'overlay', depth: 2 };
    default:
      return { name: 'own', type: 'tmpfs', depth: 0 };
  }
}

function dir(at: string, mount: PlaceMount = 'own'): Place {
  return { type: 'dir', at, mount };
}

function work(at: string, leftover: Leftover): Place {
  return { ...dir(at), leftover };
}

function inside(mount: PlacePoint): Readonly<Record<string, Place>> {
  const names = ['u', 'w', 'l'].map((name) => `${mount}/${name}`);
  return Object.fromEntries([mount, ...names].map((name) => [name, dir(name, mount)]));
}

/** A place of a bind mount is that of the folder that it shows. */
function bound(mount: 'bind' | 'ro'): Readonly<Record<string, Place>> {
  const { from } = PLACE_POINTS[mount];
  const names = ['', '/u', '/w'];
  return Object.fromEntries(names.map((name) => [mount + name, dir(from + name, mount)]));
}

/** Every place there is, directories before what is in them; any other name is of none. */
const PLACES: Readonly<Record<string, Place>> = {
  u: dir('u'),
  'u/in': dir('u/in'),
  w: dir('w'),
  'w/in': dir('w/in'),
  l0: dir('l0'),
  'l0/in': dir('l0/in'),
  l1: dir('l1'),
  l2: dir('l2'),
  'a:b': dir('a:b'),
  'a,b': dir('a,b'),
  file: { type: 'file', at: 'file', mount: 'own' },
  shared: dir('shared'),
  'shared/u': dir('shared/u'),
  'shared/w': dir('shared/w'),
  ...bound('bind'),
  ...bound('ro'),
  ...inside('other'),
  ...inside('ramfs'),
  ...inside('ovl'),
  ...inside('ovl2'),
  busy: dir('busy'),
  'busy/l': dir('busy/l'),
  'busy/u': { ...dir('busy/u'), isInUse: true, hasUuid: true },
  'busy/u/in': dir('busy/u/in'),
  'busy/w': { ...dir('busy/w'), isInUse: true },
  'busy/x': dir('busy/x'),
  'w-incompatible': work('w-incompatible', 'incompatible'),
  'w-compatible': work('w-compatible', 'nothing incompatible'),
  'w-deep': work('w-deep', 'too deep'),
  'w-file': work('w-file', 'a file'),
};

/** Any number of directories beside one another, for mounts of very many layers. */
const MANY = /^m\/(?:0|[1-9]\d{0,2})$/;

/** The place of a name; undefined when nothing is there. */
export function placeOf(name: string): Place | undefined {
  // Slashes that follow one another are one.
  const at = name.replaceAll(/\/+/g, '/').replace(/\/$/, '');
  if (MANY.test(at)) return dir(at);
  return Object.hasOwn(PLACES, at) ? PLACES[at] : undefined;
}

/** The directories that a place is in. The root of another file system is in nothing. */
export function parentsOf({ at }: Pick<Place, 'at'>): readonly string[] {
  const names = at.split('/');
  return names.slice(1).map((_, count) => names.slice(0, count + 1).join('/'));
}
