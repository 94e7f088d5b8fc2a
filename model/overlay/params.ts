import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { Environment, Feature, Semantics } from '../semantics/semantics.ts';

type Redirect = 'on' | 'follow' | 'nofollow';

/** What a mount ends up with, after defaults and conflicts. */
export interface MountConfig {
  readonly redirectDir: Redirect;
  readonly index: boolean;
  readonly nfsExport: boolean;
  readonly metacopy: boolean;
  readonly xino: 'on' | 'off' | 'auto';
  readonly uuid: 'on' | 'off' | 'null' | 'auto';
  readonly sync: 'auto' | 'strict' | 'volatile';
  readonly userxattr: boolean;
  readonly verity: 'on' | 'off' | 'require';
}

type Draft = { -readonly [K in keyof MountConfig]: MountConfig[K] };

interface OptionRule {
  readonly field: keyof MountConfig;
  readonly needs?: Feature;
  /** What each value in the mount string sets the field to. */
  readonly values: Readonly<Record<string, MountConfig[keyof MountConfig]>>;
}

const SWITCH = { on: true, off: false } as const;

/** Options by name. The empty value stands for an option without `=`. */
const OPTIONS: Readonly<Record<string, OptionRule>> = {
  index: { field: 'index', values: SWITCH },
  nfs_export: { field: 'nfsExport', values: SWITCH },
  metacopy: { field: 'metacopy', values: SWITCH },
  xino: { field: 'xino', values: { on: 'on', off: 'off', auto: 'auto' } },
  volatile: { field: 'sync', values: { '': 'volatile' } },
  fsync: {
    field: 'sync',
    needs: 'fsync-option',
    values: { auto: 'auto', strict: 'strict', volatile: 'volatile' },
  },
  userxattr: { field: 'userxattr', values: { '': true } },
  verity: {
    field: 'verity',
    needs: 'verity',
    values: { on: 'on', off: 'off', require: 'require' },
  },
};

/** Parses the option string left to right, then settles conflicts as a mount with upper does. */
export function resolveOptions(
  options: string,
  semantics: Semantics,
  environment: Environment,
): Prediction<MountConfig> {
  const config: Draft = {
    redirectDir: environment.redirectAlwaysFollow ? 'follow' : 'nofollow',
    index: false,
    nfsExport: false,
    metacopy: false,
    xino: 'off',
    uuid: semantics.features.has('uuid-auto') ? 'auto' : 'null',
    sync: 'auto',
    userxattr: false,
    verity: 'off',
  };
  const isSet = new Set<string>();
  for (const option of options.split(',')) {
    if (option === '') continue;
    if (!parseOption(option, config, semantics, environment)) return fail('EINVAL');
    isSet.add(option.split('=')[0] ?? '');
  }
  return settle(config, isSet, semantics);
}

/** False when the kernel refuses the option. */
function parseOption(
  option: string,
  config: Draft,
  semantics: Semantics,
  environment: Environment,
): boolean {
  const [name, value] = splitOnce(option);
  if (name === 'default_permissions') return value === '';
  if (name === 'redirect_dir') {
    const off = environment.redirectAlwaysFollow ? 'follow' : 'nofollow';
    const redirect = { on: 'on', follow: 'follow', nofollow: 'nofollow', off } as const;
    if (!isKeyOf(redirect, value)) return false;
    config.redirectDir = redirect[value];
    return true;
  }
  if (name === 'uuid') {
    const uuid: Readonly<Record<string, MountConfig['uuid']>> = semantics.features.has('uuid-auto')
      ? { on: 'on', off: 'off', null: 'null', auto: 'auto' }
      : { on: 'null', off: 'off' };
    const chosen = isKeyOf(uuid, value) ? uuid[value] : undefined;
    config.uuid = chosen ?? config.uuid;
    return chosen !== undefined;
  }
  const rule = OPTIONS[name];
  if (rule === undefined || !isKeyOf(rule.values, value)) return false;
  if (rule.needs !== undefined && !semantics.features.has(rule.needs)) return false;
  Object.assign(config, { [rule.field]: rule.values[value] });
  return true;
}

/** The conflicts between options, in the kernel's order: an explicit pair is refused. */
function settle(
  config: Draft,
  isSet: ReadonlySet<string>,
  semantics: Semantics,
): Prediction<MountConfig> {
  const forcesMetacopy = config.verity !== 'off' && semantics.features.has('verity-metacopy');
  if (forcesMetacopy && !config.metacopy) {
    if (isSet.has('metacopy')) return fail('EINVAL');
    config.metacopy = true;
  }
  if (config.metacopy && config.redirectDir !== 'on') {
    if (isSet.has('redirect_dir')) {
      if (isSet.has('metacopy') || forcesMetacopy) return fail('EINVAL');
      config.metacopy = false;
    } else {
      config.redirectDir = 'on';
    }
  }
  if (config.nfsExport && !config.index) {
    if (isSet.has('index')) {
      if (isSet.has('nfs_export')) return fail('EINVAL');
      config.nfsExport = false;
    } else {
      config.index = true;
    }
  }
  if (config.nfsExport && config.metacopy) {
    if (isSet.has('nfs_export') && isSet.has('metacopy')) return fail('EINVAL');
    if (isSet.has('metacopy') || config.verity !== 'off') config.nfsExport = false;
    else config.metacopy = false;
  }
  if (config.userxattr) {
    if (isSet.has('redirect_dir') && config.redirectDir !== 'nofollow') return fail('EINVAL');
    if (isSet.has('metacopy') && config.metacopy) return fail('EINVAL');
    if (forcesMetacopy) return fail('EINVAL');
    config.redirectDir = 'nofollow';
    config.metacopy = false;
  }
  return succeed(config);
}

/**
 * Layers may be changed offline: then a new directory in a merged one need not be opaque, since
 * nothing that appears below it later could be meant.
 */
export function allowsOfflineChanges(config: MountConfig): boolean {
  return !config.index && !config.metacopy && config.redirectDir !== 'on' && config.xino !== 'on';
}

/** What this model does not know yet about a mount that the kernel accepts; null when it knows. */
export function unmodelled(config: MountConfig): string | null {
  const wants: readonly (readonly [boolean, string])[] = [
    [config.nfsExport, 'nfs_export=on'],
    [config.metacopy, 'metacopy=on'],
    [config.sync === 'volatile', 'volatile'],
    [config.userxattr, 'userxattr'],
    [config.verity !== 'off', 'verity'],
    [config.uuid === 'off', 'uuid=off'],
  ];
  return wants.find(([isWanted]) => isWanted)?.[1] ?? null;
}

/** What mountinfo shows: options that differ from the defaults of the kernel. */
export function shownOptions(
  { semantics, environment }: Pick<Context, 'semantics' | 'environment'>,
  config: MountConfig,
  uuid: MountConfig['uuid'],
): string[] {
  const shown: string[] = [];
  const follow = environment.redirectAlwaysFollow ? 'follow' : 'nofollow';
  if (config.redirectDir !== follow) shown.push(`redirect_dir=${config.redirectDir}`);
  if (config.index) shown.push('index=on');
  if (semantics.features.has('uuid-auto') && uuid !== 'auto') shown.push(`uuid=${uuid}`);
  if (config.sync !== 'auto') shown.push(`fsync=${config.sync}`);
  return shown;
}

function splitOnce(option: string): [string, string] {
  const at = option.indexOf('=');
  return at < 0 ? [option, ''] : [option.slice(0, at), option.slice(at + 1)];
}

function isKeyOf<T extends object>(table: T, key: string): key is string & keyof T {
  return Object.hasOwn(table, key);
}
