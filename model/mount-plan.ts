/**
 * Which directories a mount is given as its layers, and how it names them: what `Scenario.layers`
 * is usually told by. In values `@` stands before the name of a place.
 */
export interface MountPlan {
  /** In the order of the mount string. */
  readonly params: readonly {
    readonly key: 'lowerdir' | 'upperdir' | 'workdir';
    readonly value: string;
  }[];
}

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
