import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { RuleId } from '../rules.ts';
import type { Feature } from '../semantics/semantics.ts';
import type { Draft, MountConfig, ResolveContext } from './params.ts';

/** What the mount asked for, beside the configuration that comes of it. */
interface Asked {
  readonly hasUpper: boolean;
  /** Whether the mount string names the option, with whatever value. */
  readonly isGiven: (option: string) => boolean;
  /** The mounter is root of the machine. */
  readonly isPrivileged: boolean;
  /** File handles may lead to files whose data is further down. */
  readonly exportsMetacopy: boolean;
}

interface Conflict {
  readonly id: RuleId;
  readonly needs?: Feature;
  readonly when: (config: MountConfig, asked: Asked) => boolean;
  readonly then: 'EINVAL' | 'EPERM' | Partial<MountConfig>;
  /** An option that no longer counts as given. */
  readonly forgets?: string;
}

const wantsRedirects = ({ metacopy, redirectDir }: MountConfig): boolean =>
  metacopy && redirectDir !== 'on';
const wantsIndex = ({ nfsExport, index }: MountConfig): boolean => nfsExport && !index;
const mayNotBoth = (config: MountConfig, { exportsMetacopy }: Asked): boolean =>
  config.nfsExport && config.metacopy && config.metacopyBelow && !exportsMetacopy;

/**
 * The conflicts between options in the order in which the kernel settles them: each row sees what
 * those before it left. What was named wins over a default, and a pair that was named is refused.
 */
const CONFLICTS: readonly Conflict[] = [
  {
    id: 'options/index-without-upper',
    when: ({ index }, { hasUpper }) => !hasUpper && index,
    then: { index: false },
    forgets: 'index',
  },
  {
    id: 'options/volatile-without-upper',
    when: ({ sync }, { hasUpper }) => !hasUpper && sync === 'volatile',
    then: { sync: 'auto' },
  },
  {
    id: 'options/uuid-without-upper',
    when: ({ uuid }, { hasUpper }) => !hasUpper && uuid === 'on',
    then: { uuid: 'null' },
  },
  {
    id: 'options/verity-needs-metacopy',
    needs: 'verity-metacopy',
    when: ({ verity, metacopy }, { isGiven }) =>
      verity !== 'off' && !metacopy && isGiven('metacopy'),
    then: 'EINVAL',
  },
  {
    id: 'options/verity-turns-metacopy-on',
    needs: 'verity-metacopy',
    when: ({ verity, metacopy }) => verity !== 'off' && !metacopy,
    then: { metacopy: true },
  },
  {
    id: 'options/follow-without-upper',
    when: ({ redirectDir }, { hasUpper }) => !hasUpper && redirectDir === 'follow',
    then: { redirectDir: 'on' },
  },
  {
    id: 'options/metacopy-needs-redirects',
    when: (config, { isGiven }) =>
      wantsRedirects(config) && isGiven('metacopy') && isGiven('redirect_dir'),
    then: 'EINVAL',
  },
  {
    id: 'options/verity-needs-redirects',
    needs: 'verity-metacopy',
    when: (config, { isGiven }) =>
      wantsRedirects(config) && config.verity !== 'off' && isGiven('redirect_dir'),
    then: 'EINVAL',
  },
  {
    id: 'options/no-redirects-no-metacopy',
    when: (config, { isGiven }) => wantsRedirects(config) && isGiven('redirect_dir'),
    then: { metacopy: false },
  },
  {
    id: 'options/metacopy-turns-redirects-on',
    when: wantsRedirects,
    then: { redirectDir: 'on' },
  },
  {
    id: 'options/nfs-export-without-upper',
    when: (config, { hasUpper }) =>
      wantsIndex(config) && !hasUpper && config.redirectDir !== 'nofollow',
    then: { nfsExport: false },
  },
  {
    id: 'options/nfs-export-needs-index',
    when: (config, { isGiven }) => wantsIndex(config) && isGiven('nfs_export') && isGiven('index'),
    then: 'EINVAL',
  },
  {
    id: 'options/no-index-no-nfs-export',
    when: (config, { isGiven }) => wantsIndex(config) && isGiven('index'),
    then: { nfsExport: false },
  },
  {
    id: 'options/nfs-export-turns-index-on',
    when: wantsIndex,
    then: { index: true },
  },
  {
    id: 'options/nfs-export-or-metacopy',
    when: (config, asked) =>
      mayNotBoth(config, asked) && asked.isGiven('nfs_export') && asked.isGiven('metacopy'),
    then: 'EINVAL',
  },
  {
    id: 'options/metacopy-ends-nfs-export',
    when: (config, asked) =>
      mayNotBoth(config, asked) && (asked.isGiven('metacopy') || config.verity !== 'off'),
    then: { nfsExport: false },
  },
  {
    id: 'options/nfs-export-ends-metacopy',
    when: mayNotBoth,
    then: { metacopy: false },
  },
  {
    id: 'options/userxattr-or-redirects',
    when: ({ userxattr, redirectDir }, { isGiven }) =>
      userxattr && isGiven('redirect_dir') && redirectDir !== 'nofollow',
    then: 'EINVAL',
  },
  {
    id: 'options/userxattr-or-metacopy',
    when: ({ userxattr, metacopy }, { isGiven }) => userxattr && isGiven('metacopy') && metacopy,
    then: 'EINVAL',
  },
  {
    id: 'options/userxattr-or-verity',
    needs: 'verity-metacopy',
    when: ({ userxattr, verity }) => userxattr && verity !== 'off',
    then: 'EINVAL',
  },
  {
    id: 'options/userxattr-ends-redirects',
    when: ({ userxattr }) => userxattr,
    then: { redirectDir: 'nofollow', metacopy: false },
  },
  {
    id: 'userns/trusted-refused',
    needs: 'fs-context',
    when: ({ userxattr, redirectDir, metacopy, verity }, { isGiven, isPrivileged }) =>
      !userxattr &&
      !isPrivileged &&
      ((isGiven('redirect_dir') && redirectDir !== 'nofollow') ||
        (isGiven('metacopy') && metacopy) ||
        verity !== 'off'),
    then: 'EPERM',
  },
];

/** Data-only layers are found by trusted.* as well, which is noticed once the layers are named. */
export function needsTrusted(
  { userxattr }: MountConfig,
  { semantics, mounter, rule }: ResolveContext,
): boolean {
  const isRefused =
    !userxattr && mounter?.isPrivileged === false && semantics.features.has('fs-context');
  if (isRefused) rule('userns/trusted-refused');
  return isRefused;
}

function exportsMetacopy({ semantics, lowerCount }: ResolveContext): boolean {
  const { exportOfMetacopy } = semantics.behaviour;
  if (exportOfMetacopy === 'with one lower layer') return lowerCount === 1;
  return exportOfMetacopy !== 'excluded';
}

/** Goes through the conflicts; the configuration that is left, or the errno of a refused pair. */
export function settleConflicts(
  config: Draft,
  given: Set<string>,
  hasUpper: boolean,
  context: ResolveContext,
): Prediction<MountConfig> {
  const { semantics, rule, mounter } = context;
  const asked: Asked = {
    hasUpper,
    isGiven: (option) => given.has(option),
    isPrivileged: mounter?.isPrivileged !== false,
    exportsMetacopy: exportsMetacopy(context),
  };
  for (const { id, needs, when, then, forgets } of CONFLICTS) {
    if ((needs !== undefined && !semantics.features.has(needs)) || !when(config, asked)) continue;
    rule(id);
    if (typeof then === 'string') return fail(then);
    Object.assign(config, then);
    if (forgets !== undefined) given.delete(forgets);
  }
  return succeed(config);
}
