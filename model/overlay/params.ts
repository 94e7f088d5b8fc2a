import type { MountCredentials } from '../mounter.ts';
import { fail } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { RuleId } from '../rules.ts';
import type { Environment, Feature, Semantics } from '../semantics/semantics.ts';
import { settleConflicts } from './conflicts.ts';

/** What a mount ends up with, after defaults and conflicts. */
export interface MountConfig {
  readonly redirectDir: 'on' | 'follow' | 'nofollow';
  /** What the mount string says of redirect_dir; null when it says nothing. */
  readonly redirectGiven: string | null;
  readonly index: boolean;
  readonly nfsExport: boolean;
  readonly metacopy: boolean;
  /** Files of lower layers may have attributes only, too. */
  readonly metacopyBelow: boolean;
  readonly xino: 'on' | 'off' | 'auto';
  readonly uuid: 'on' | 'off' | 'null' | 'auto';
  readonly sync: 'auto' | 'strict' | 'volatile';
  readonly userxattr: boolean;
  readonly verity: 'on' | 'off' | 'require';
  readonly defaultPermissions: boolean;
  /** The mount string says so; a mount without an upper layer is read-only anyway. */
  readonly isReadOnly: boolean;
}

/** A configuration while it is worked on. */
export type Draft = { -readonly [K in keyof MountConfig]: MountConfig[K] };

interface OptionRule {
  readonly needs?: Feature;
  /** An option of every file system: whatever comes after `=` says nothing. */
  readonly takesAnyValue?: true;
  /** What each value in the mount string changes. */
  readonly values: Readonly<Record<string, OptionValue>>;
}

interface OptionValue {
  readonly needs?: Feature;
  readonly sets: Partial<MountConfig>;
}

function valuesOf<K extends keyof MountConfig>(
  field: K,
  values: Readonly<Record<string, MountConfig[K]>>,
): Readonly<Record<string, OptionValue>> {
  return Object.fromEntries(
    Object.entries(values).map(([text, to]) => [text, { sets: { [field]: to } }]),
  );
}

const SWITCH = { on: true, off: false } as const;
const AUTO = { on: 'on', off: 'off', auto: 'auto' } as const;

/** redirect_dir=off is one of the others, by a setting of the machine. */
const REDIRECTS: Readonly<Record<string, OptionValue>> = {
  on: { sets: { redirectDir: 'on', redirectGiven: 'on' } },
  follow: { sets: { redirectDir: 'follow', redirectGiven: 'follow' } },
  nofollow: { sets: { redirectDir: 'nofollow', redirectGiven: 'nofollow' } },
  off: { sets: { redirectGiven: 'off' } },
};

/** Options by name. The empty value stands for an option without `=`. */
const OPTIONS: Readonly<Record<string, OptionRule>> = {
  default_permissions: { values: valuesOf('defaultPermissions', { '': true }) },
  redirect_dir: { values: REDIRECTS },
  index: { values: valuesOf('index', SWITCH) },
  nfs_export: { values: valuesOf('nfsExport', SWITCH) },
  metacopy: {
    values: {
      on: { sets: { metacopy: true, metacopyBelow: true } },
      off: { sets: { metacopy: false } },
      upper: { needs: 'metacopy-upper', sets: { metacopy: true, metacopyBelow: false } },
    },
  },
  xino: { values: valuesOf('xino', AUTO) },
  uuid: {
    needs: 'uuid-option',
    values: {
      on: { sets: { uuid: 'on' } },
      off: { sets: { uuid: 'off' } },
      null: { needs: 'uuid-auto', sets: { uuid: 'null' } },
      auto: { needs: 'uuid-auto', sets: { uuid: 'auto' } },
    },
  },
  volatile: { values: valuesOf('sync', { '': 'volatile' }) },
  fsync: {
    needs: 'fsync-option',
    values: valuesOf('sync', { auto: 'auto', strict: 'strict', volatile: 'volatile' }),
  },
  userxattr: { needs: 'userxattr', values: valuesOf('userxattr', { '': true }) },
  verity: {
    needs: 'verity',
    values: valuesOf('verity', { on: 'on', off: 'off', require: 'require' }),
  },
  // Whose credentials the mount works with is the business of its maker: we make all mounts.
  override_creds: { needs: 'override-creds', values: { '': { sets: {} } } },
  nooverride_creds: { needs: 'override-creds', values: { '': { sets: {} } } },
  ro: { needs: 'fs-context', takesAnyValue: true, values: valuesOf('isReadOnly', { '': true }) },
  rw: { needs: 'fs-context', takesAnyValue: true, values: valuesOf('isReadOnly', { '': false }) },
};

/** What resolving needs to know beside the option string. */
export interface ResolveContext {
  readonly semantics: Semantics;
  readonly environment: Environment;
  readonly rule: (id: RuleId) => void;
  /** Root of the machine unless said otherwise. */
  readonly mounter?: MountCredentials;
  /** How many lower layers there are, where that is known yet. */
  readonly lowerCount?: number;
}

/** What options have asked for, while they are read. */
export interface OptionState {
  readonly config: Draft;
  /** The options that were named, with whatever value. */
  readonly given: Set<string>;
}

/** Parses the option string left to right, then settles conflicts. */
export function resolveOptions(
  options: string,
  hasUpper: boolean,
  context: ResolveContext,
): Prediction<MountConfig> {
  const state = startOptions(context);
  const { mounter, semantics, rule } = context;
  if (mounter?.isPrivileged === false && !semantics.features.has('mounts-of-user-namespaces')) {
    rule('userns/not-mountable');
    return fail('EPERM');
  }
  for (const option of options.split(',')) {
    const refused = option === '' ? null : takeOption(option, state, context);
    if (refused !== null) return refused;
  }
  return settleOptions(state, hasUpper, context);
}

/** Before any option was read. */
export function startOptions(context: ResolveContext): OptionState {
  return { config: defaultConfig(context), given: new Set() };
}

/** Reads one option; one that is refused changes nothing. */
export function takeOption(
  option: string,
  { config, given }: OptionState,
  context: ResolveContext,
): Failure | null {
  const name = parseOption(option, config, context);
  if (name === null) {
    context.rule('options/unknown');
    return fail('EINVAL');
  }
  given.add(name);
  return null;
}

/** What comes of the options that were read. */
export function settleOptions(
  { config, given }: OptionState,
  hasUpper: boolean,
  context: ResolveContext,
): Prediction<MountConfig> {
  if (config.redirectGiven !== null && !Object.hasOwn(REDIRECTS, config.redirectGiven)) {
    context.rule('options/unknown');
    return fail('EINVAL');
  }
  // Kernels without uuid=auto keep no uuid: what they call on is null to the others.
  if (!context.semantics.features.has('uuid-auto') && config.uuid === 'on') config.uuid = 'null';
  return settleConflicts(config, given, hasUpper, context);
}

/** What redirect_dir is when it is off. */
function redirectOff({ redirectAlwaysFollow }: Environment): 'follow' | 'nofollow' {
  return redirectAlwaysFollow ? 'follow' : 'nofollow';
}

/** What a mount string without options asks for: the parameters of the module say. */
export function defaultConfig({
  semantics,
  environment,
}: Pick<ResolveContext, 'semantics' | 'environment'>): Draft {
  return {
    redirectDir: environment.redirectDirDefault ? 'on' : redirectOff(environment),
    redirectGiven: null,
    index: environment.indexDefault,
    nfsExport: environment.nfsExportDefault,
    metacopy: environment.metacopyDefault,
    metacopyBelow: true,
    xino: environment.xinoAutoDefault ? 'auto' : 'off',
    uuid: semantics.features.has('uuid-auto') ? 'auto' : 'null',
    sync: 'auto',
    userxattr: false,
    verity: 'off',
    defaultPermissions: false,
    isReadOnly: false,
  };
}

/** The name of the option that was parsed; null when the kernel refuses it. */
function parseOption(
  option: string,
  config: Draft,
  { semantics, environment }: ResolveContext,
): string | null {
  const at = option.indexOf('=');
  const name = at < 0 ? option : option.slice(0, at);
  const rule = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (rule === undefined || lacks(semantics, rule.needs)) return null;
  // A flag takes no value, not even an empty one; every other option needs one.
  const text = at < 0 || rule.takesAnyValue === true ? '' : option.slice(at + 1);
  if (at >= 0 && text === '' && rule.takesAnyValue !== true) return null;
  const value = Object.hasOwn(rule.values, text) ? rule.values[text] : undefined;
  const isAnything = semantics.behaviour.overriddenRedirect === 'may be anything';
  if (name === 'redirect_dir' && value === undefined && text !== '' && isAnything) {
    config.redirectGiven = text;
    return name;
  }
  if (value === undefined || lacks(semantics, value.needs)) return null;
  Object.assign(config, value.sets);
  if (value.sets.redirectGiven === 'off') config.redirectDir = redirectOff(environment);
  return name;
}

function lacks({ features }: Semantics, needs: Feature | undefined): boolean {
  return needs !== undefined && !features.has(needs);
}

/**
 * Layers may be changed offline: then a new directory in a merged one need not be opaque, since
 * nothing that appears below it later could be meant.
 */
export function allowsOfflineChanges(config: MountConfig): boolean {
  return !config.index && !config.metacopy && config.redirectDir !== 'on' && config.xino !== 'on';
}
