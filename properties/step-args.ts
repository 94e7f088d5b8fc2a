import type { OpenFlag } from '../model/flags.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName } from '../model/ops/index.ts';
import type { ArgKind, ArgKinds, ArgsOf } from '../model/ops/op.ts';
import { ACLS, ARBITRARIES, CAPABILITY } from './arbitraries.ts';
import { chance, draw, pick } from './draw.ts';
import type { FdUse, Scope } from './scope.ts';

type AnyArgs = Record<string, ArgKinds[ArgKind]>;

/** Arguments that depend on what the scenario holds; the others are drawn as they are. */
const IN_SCOPE: { readonly [K in ArgKind]?: (scope: Scope, op: OpName) => ArgKinds[K] } = {
  path: (scope) => scope.path(),
  fd: (scope, op) => scope.fd(fdUseOf(op)),
  handle: (scope) => scope.handle(),
  map: (scope, op) => scope.map(op === 'writeMap'),
  mountOptions: (scope) =>
    scope.drawOtherOptions?.() ?? draw(scope.random, ARBITRARIES.mountOptions),
};

/** What an operation on a slot needs the file for; most take any. */
const FD_USES: Readonly<Partial<Record<OpName, FdUse>>> = {
  getdents: 'list',
  read: 'read',
  pread: 'read',
  lseek: 'read',
  write: 'write',
  pwrite: 'write',
  pwritev2: 'write',
  setStatusFlags: 'write',
  readahead: 'read',
  ftruncate: 'write',
  fallocate: 'write',
  copyFileRange: 'read',
  mmap: 'read',
  sendfile: 'read',
  sendfileTo: 'write',
  getcwd: 'list',
  clone: 'write',
};

export function fdUseOf(op: OpName): FdUse {
  return FD_USES[op] ?? 'any';
}

/** What makes an operation's arguments fit each other, or the call more often succeed. */
const FITTED: {
  readonly [N in OpName]?: (
    scope: Scope,
    args: ArgsOf<(typeof OPS)[N]['args']>,
  ) => Partial<ArgsOf<(typeof OPS)[N]['args']>>;
} = {
  open: fitOpen,
  openat2: (scope, args) => {
    const fitted = fitOpen(scope, args);
    const makes = fitted.flags.includes('O_CREAT') || fitted.flags.includes('O_TMPFILE');
    return { ...fitted, mode: makes || chance(scope.random, 5) ? args.mode : 0 };
  },
  execute: (scope) => ({
    path:
      scope.programs.length > 0 && chance(scope.random, 80)
        ? pick(scope.random, scope.programs)
        : scope.path('file'),
  }),
  pwritev2: (scope, { offset }) => ({ offset: chance(scope.random, 30) ? -1 : offset }),
  mkdir: (scope) => ({ path: scope.newPath() }),
  mknod: (scope) => ({ path: scope.newPath() }),
  symlink: (scope) => ({ path: scope.newPath() }),
  rename: fitRename,
  watch: (scope) => ({ path: scope.path('file', 'file', 'file', 'dir', 'other') }),
  linkFd: (scope) => ({ to: scope.newPath() }),
  link: (scope, { flags }) => ({
    from: scope.path('file', 'file', 'symlink', 'other'),
    to: scope.newPath(),
    flags: flags.length > 0 && chance(scope.random, 60) ? ['AT_SYMLINK_FOLLOW'] : [],
  }),
  rmdir: (scope) => ({ path: scope.emptyDir() }),
  unlink: (scope) => ({ path: scope.path('file', 'symlink', 'other') }),
  truncate: (scope) => ({ path: scope.path('file') }),
  readlink: (scope) => ({ path: scope.path('symlink') }),
  encodeHandle: (scope) => ({ size: handleRoom(scope) }),
  encodeFdHandle: (scope) => ({ size: handleRoom(scope) }),
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
  copyFileRange: (scope) => ({ toFd: scope.fd('write') }),
  clone: (scope) => ({ fromFd: scope.fd('read') }),
  mmap: (scope, { size }) => ({
    fd: scope.fd(chance(scope.random, 60) ? 'write' : 'read'),
    offset: pick(scope.random, [0, 0, 0, 0, 0, 0, 4096, 8192, 1]),
    size: chance(scope.random, 40) ? 20_000 : size,
  }),
  readMap: (scope, { size }) => ({ size: chance(scope.random, 20) ? 9000 : size }),
  ofdLock: (scope, { start, length }) => ({
    start: chance(scope.random, 3) ? -1 : start,
    length: chance(scope.random, 10) ? -length : length,
  }),
  fchmodat2: (scope, { flags }) => ({
    path: flags.includes('AT_SYMLINK_NOFOLLOW') ? scope.path('symlink') : scope.path(),
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

/** Flags that open a file for what the next step wants with it. */
const OPEN_FOR: Readonly<Record<FdUse, readonly OpenFlag[] | null>> = {
  list: ['O_RDONLY', 'O_DIRECTORY'],
  read: ['O_RDWR'],
  write: ['O_RDWR'],
  any: null,
};

function fitOpen(
  scope: Scope,
  args: { readonly flags: readonly OpenFlag[] },
): { path: string; flags: readonly OpenFlag[] } {
  const { random, wantedUse } = scope;
  const flags = chance(random, 60) ? (OPEN_FOR[wantedUse] ?? args.flags) : args.flags;
  return { path: openPath(scope, flags), flags };
}

function openPath(scope: Scope, flags: readonly OpenFlag[]): string {
  if (flags.includes('O_TMPFILE') || flags.includes('O_DIRECTORY')) return scope.path('dir');
  if (flags.includes('O_CREAT') && chance(scope.random, 60)) return scope.newPath();
  return scope.path('file', 'file', 'symlink');
}

function fitRename(
  scope: Scope,
  { flags }: { readonly flags: readonly string[] },
): { from: string; to: string } {
  const { random } = scope;
  const movesDir = scope.hasRedirects && chance(random, 50);
  const wanted = movesDir ? scope.path('dir') : null;
  const isOther = wanted === null && chance(random, 60);
  const from = wanted ?? (isOther ? scope.path('file', 'symlink', 'other') : scope.path());
  const isExchange = flags.includes('RENAME_EXCHANGE');
  let to = '';
  // A directory does not go into itself; once in a while it may try.
  for (let tries = 0; tries < 3 && (to === '' || to.startsWith(from)); tries++) {
    to = isExchange || chance(random, 40) ? scope.path() : scope.newPath();
  }
  return { from, to };
}

/** The kernel takes nothing but well-formed values under some names. */
function fitXattr(scope: Scope, { name }: { readonly name: string }): { value?: string } {
  const values = name === 'security.capability' ? [CAPABILITY] : ACLS;
  const isFree = name !== 'security.capability' && !name.startsWith('system.');
  if (isFree || chance(scope.random, 10)) return {};
  return { value: pick(scope.random, values) };
}

/** Nearly always enough for a handle; else around what one needs and what is allowed. */
function handleRoom({ random }: Scope): number {
  return chance(random, 85) ? 128 : pick(random, [0, 12, 32, 35, 36, 37, 44, 129]);
}
