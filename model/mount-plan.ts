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
