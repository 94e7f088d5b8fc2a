import type { OpenFlag } from '../model/flags.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName } from '../model/ops/index.ts';
import type { ArgKind, ArgKinds, ArgsOf } from '../model/ops/op.ts';
import { ARBITRARIES, CAPABILITY } from './arbitraries.ts';
import { chance, draw, pick } from './draw.ts';
import type { Scope } from './scope.ts';

type AnyArgs = Record<string, ArgKinds[ArgKind]>;

/** Arguments that depend on what the scenario holds; the others come from ARBITRARIES as they are. */
const IN_SCOPE: { readonly [K in ArgKind]?: (scope: Scope, op: OpName) => ArgKinds[K] } = {
  path: (scope) => scope.path(),
  fd: (scope, op) => scope.fd(op === 'getdents' ? 'dir' : 'file'),
};

/** What makes an operation's arguments fit each other, or the call more often succeed. */
const FITTED: {
  readonly [N in OpName]?: (
    scope: Scope,
    args: ArgsOf<(typeof OPS)[N]['args']>,
  ) => Partial<ArgsOf<(typeof OPS)[N]['args']>>;
} = {
  open: (scope, { flags }) => ({ path: openPath(scope, flags) }),
  mkdir: (scope) => ({ path: scope.newPath() }),
  mknod: (scope) => ({ path: scope.newPath() }),
  symlink: (scope) => ({ path: scope.newPath() }),
  rename: (scope) => ({ to: scope.newPath() }),
  linkFd: (scope) => ({ to: scope.newPath() }),
  link: (scope, { flags }) => ({
    to: scope.newPath(),
    flags: flags.length > 0 && chance(scope.random, 60) ? ['AT_SYMLINK_FOLLOW'] : [],
  }),
  rmdir: (scope) => ({ path: scope.dir() }),
  access: (scope) => ({
    flags: chance(scope.random, 20) ? ['AT_EACCESS', 'AT_SYMLINK_NOFOLLOW'] : ['AT_EACCESS'],
  }),
  getdents: (scope) => ({ size: pick(scope.random, [4096, 4096, 4096, 4096, 64, 96, 24, 0]) }),
  lseek: (scope, { offset, whence }) => ({
    offset: whence !== 'SEEK_SET' && chance(scope.random, 20) ? -1 - offset : offset,
  }),
  fallocate: (scope, { length }) => ({
    length: length === 0 && chance(scope.random, 90) ? 4096 : length,
  }),
  setxattr: fitXattr,
  lsetxattr: fitXattr,
  fsetxattr: fitXattr,
};

/** Arguments for an operation, by the kinds that it declares. */
export function drawArgs(scope: Scope, op: OpName): AnyArgs {
  const args: AnyArgs = {};
  const kinds: Readonly<Record<string, ArgKind>> = OPS[op].args;
  for (const key in kinds) {
    const kind = kinds[key];
    if (kind === undefined) continue;
    args[key] = drawKind(scope, op, kind);
  }
  // The arguments just drawn are of the kinds that this very operation declares.
  const fit = FITTED[op] as ((scope: Scope, args: AnyArgs) => AnyArgs) | undefined;
  return fit === undefined ? args : Object.assign(args, fit(scope, args));
}

function drawKind<K extends ArgKind>(scope: Scope, op: OpName, kind: K): ArgKinds[K] {
  return IN_SCOPE[kind]?.(scope, op) ?? draw(scope.random, ARBITRARIES[kind]);
}

function openPath(scope: Scope, flags: readonly OpenFlag[]): string {
  if (flags.includes('O_TMPFILE') || flags.includes('O_DIRECTORY')) return scope.dir();
  if (flags.includes('O_CREAT')) return scope.newPath();
  return scope.path();
}

/** The kernel takes nothing but a well-formed capability set under that name. */
function fitXattr(scope: Scope, { name }: { readonly name: string }): { value?: string } {
  if (name !== 'security.capability' || chance(scope.random, 10)) return {};
  return { value: CAPABILITY };
}
