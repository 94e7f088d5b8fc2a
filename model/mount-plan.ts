/**
 * Which directories a mount is given as its layers, and how it names them: what `Scenario.layers`
 * is usually told by. In values `@` stands before the name of a place.
 */
export type MountPlan = StringPlan | ContextPlan;

/** A string for mount(2). */
export interface StringPlan {
  /** In the order of the mount string. */
  readonly params: readonly { readonly key: LayerKey; readonly value: string }[];
  /** Names are seen from the folder that holds all places, not from the root: they are shorter. */
  readonly isRelative?: true;
}

/** Calls on one file system context, each by a short name. Names of places are relative. */
export interface ContextPlan {
  readonly calls: readonly ContextCall[];
}

export type LayerKey = 'lowerdir' | 'lowerdir+' | 'datadir+' | 'upperdir' | 'workdir';

/** How fsconfig(2) is given a parameter, beside the flag, which has no value. */
export type ParamType = 'string' | 'binary' | 'path' | 'path-empty';

export type ContextCall =
  /** fsconfig(2) with a parameter. */
  | { readonly call: 'flag'; readonly key: string }
  | { readonly call: ParamType; readonly key: string; readonly value: string }
  /** A file descriptor of a place; without a place it is of nothing. */
  | {
      readonly call: 'fd';
      readonly key: string;
      readonly value: string;
      readonly opened: 'O_PATH' | 'O_RDONLY';
    }
  /** fsconfig(2) with a command. */
  | { readonly call: 'create' | 'reconfigure' }
  /** fsmount(2) and move_mount(2). */
  | { readonly call: 'mount' }
  /** fspick(2) of what is mounted, whose context takes the place of the other. */
  | { readonly call: 'pick' }
  /** mount(2) of what is mounted, with MS_REMOUNT and these options. */
  | { readonly call: 'remount'; readonly options: string };

/** A place that a plan may name. */
export interface Place {
  readonly type: 'dir' | 'file';
  /** Seen from the folder that holds all places: the same for every way to the same object. */
  readonly at: string;
  /** The mount it is reached through. */
  readonly mount: 'own' | 'bind' | 'other';
}

function dir(at: string, mount: Place['mount'] = 'own'): Place {
  return { type: 'dir', at, mount };
}

/** Where a mount of one folder on another shows it, and where another file system is. */
export const BIND = { from: 'shared', to: 'bind' } as const;
export const OTHER = 'other';

/** Every place there is, directories before what is in them; any other name is of none. */
export const PLACES: Readonly<Record<string, Place>> = {
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
  bind: dir('shared', 'bind'),
  'bind/u': dir('shared/u', 'bind'),
  'bind/w': dir('shared/w', 'bind'),
  other: dir('other', 'other'),
  'other/u': dir('other/u', 'other'),
  'other/w': dir('other/w', 'other'),
  'other/l': dir('other/l', 'other'),
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
