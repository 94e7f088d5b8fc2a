import { OPS } from '../model/ops/index.ts';
import type { Step } from '../model/ops/index.ts';
import type { ArgKind, ArgKinds } from '../model/ops/op.ts';
import type { Entry } from '../model/scenario.ts';

/**
 * Values simpler than one, simplest first. Each is strictly simpler in an order of its own, so that
 * shrinking ends. A new kind does not compile until it is here.
 */
const SIMPLER: { readonly [K in ArgKind]: (value: ArgKinds[K]) => readonly ArgKinds[K][] } = {
  path: shorterPaths,
  target: shorterPaths,
  xattrName: (name) => before(name, ['user.a', 'trusted.a']),
  bytes: (bytes) => (bytes === '' ? [] : bytes === 'x' ? [''] : ['', 'x']),
  mode: (mode) => before(mode, [0o755, 0o644]),
  device: (device) => (device.type === 'fifo' ? [] : [{ type: 'fifo', major: 0, minor: 0 }]),
  fd: smallerNumbers,
  newFd: smallerNumbers,
  offset: smallerNumbers,
  map: smallerNumbers,
  newMap: smallerNumbers,
  position: (offset) => (offset === null ? [0] : smallerNumbers(offset)),
  size: (size) => before(size, [4096]),
  owner: (owner) => before(owner, [-1, 0, 1000]),
  time: (time) =>
    time === 'UTIME_OMIT' ? [] : time === 'UTIME_NOW' ? ['UTIME_OMIT'] : ['UTIME_NOW'],
  openFlags: fewerButAccess,
  reopenFlags: fewerButAccess,
  statusFlags: fewer,
  rwFlags: fewer,
  resolveFlags: fewer,
  renameFlags: fewer,
  fallocateFlags: fewer,
  xattrFlags: fewer,
  atFlags: fewer,
  fsRequest: () => [],
  fileFlags: fewerButFormat,
  fileXflags: fewer,
  statxFlags: fewer,
  statxMask: fewer,
  accessMode: fewer,
  handle: smallerNumbers,
  newHandle: smallerNumbers,
  handleType: () => [],
  handleBody: () => [],
  handleFlags: fewer,
  layer: (layer) => before(layer, ['upper', 0]),
  markName: (name) => before(name, ['trusted.overlay.opaque', 'trusted.overlay.impure']),
  mountOptions: (options) => (options === '' ? [] : withoutOne(options)),
  copyKeeps: fewer,
  replacement: (by) => (by === 'empty' ? [] : [...fewer(by)]),
  otherFs: smallerNumbers,
  workFate: (fate) => before(fate, ['stays']),
  room: (room) => before(room, ['data']),
  journal: (journal) => before(journal, ['flushed']),
  beneathChange: (change) => before(change, ['unlink']),
  beneathCall: (call) => before(call, ['unlink', 'mkdir']),
  besideChange: (change) => before(change, ['none', 'create', 'unlink']),
  takenLayers: (taken) => before(taken, ['upper']),
  watchCaches: (caches) => before(caches, ['kept']),
  watchedChange: (change) => before(change, ['chmod', 'unlink', 'rename']),
  outside: smallerNumbers,
  newOutside: smallerNumbers,
  outsidePlace: (place) => before(place, ['upper']),
  nfsVersion: (version) => before(version, ['nfs3']),
  syncCall: (how) => before(how, ['fsync', 'syncfs']),
  mountAccess: (access) => before(access, ['ro']),
  lowerOrder: (order) => (order === 'reversed' ? ['as they are'] : []),
  damage: (damage) => (damage === 'none' ? [] : ['none']),
  protection: fewer,
  mapSharing: (sharing) => before(sharing, ['MAP_SHARED']),
  msyncFlags: fewer,
  flockKind: (kind) => before(kind, ['LOCK_SH', 'LOCK_EX']),
  lockType: (type) => before(type, ['F_RDLCK', 'F_WRLCK']),
  umask: (mode) => before(mode, [0o022, 0]),
  whence: (whence) => before(whence, ['SEEK_SET']),
};

/** Steps simpler than one: root instead of another user, or one argument simpler. */
export function simplerSteps(step: Step): readonly Step[] {
  const simpler: Step[] = [];
  if (step.as !== undefined) {
    const { as: _, ...byRoot } = step;
    // Still a step: `as` is optional in each of them.
    simpler.push(byRoot);
    if (step.as === 'bob') simpler.push({ ...step, as: 'alice' });
  }
  const kinds: Readonly<Record<string, ArgKind>> = OPS[step.op].args;
  for (const [key, value] of Object.entries(step.args)) {
    const kind = kinds[key];
    if (kind === undefined) continue;
    for (const other of simplerValues(kind, value)) {
      // The other value is of the kind that this argument has.
      simpler.push({ ...step, args: { ...step.args, [key]: other } } as Step);
    }
  }
  return simpler;
}

function simplerValues<K extends ArgKind>(kind: K, value: unknown): readonly ArgKinds[K][] {
  // A step's argument has the kind that its operation declares.
  return SIMPLER[kind](value as ArgKinds[K]);
}

/** What may matter only in that it is no directory. */
const BECOMES_FILE: ReadonlySet<Entry['type']> = new Set<Entry['type']>([
  ...(['fifo', 'blk', 'symlink', 'link'] as const),
]);

/** Entries simpler than one: default attributes, less content, shorter paths. */
export function simplerEntries(entry: Entry): readonly Entry[] {
  const simpler: Entry[] = [];
  for (const key of [
    'verity',
    'xattrs',
    'flags',
    'mode',
    'uid',
    'gid',
    'pieces',
    'size',
  ] as const) {
    if (!(key in entry)) continue;
    const { [key]: _, ...rest } = entry as Entry & Readonly<Partial<Record<typeof key, unknown>>>;
    // All of these are optional in every type of entry that has them.
    simpler.push(rest);
  }
  const { flags = [] } = entry;
  if (flags.length > 1) for (const flag of flags) simpler.push({ ...entry, flags: [flag] });
  const names = Object.keys(entry.xattrs ?? {});
  if (names.length > 1) {
    for (const name of names) {
      const { [name]: _, ...xattrs } = entry.xattrs ?? {};
      simpler.push({ ...entry, xattrs });
    }
  }
  if (entry.type === 'file' && entry.pieces !== undefined) {
    if (entry.pieces.length > 1) simpler.push({ ...entry, pieces: entry.pieces.slice(0, 1) });
    const { at, text } = entry.pieces[0] ?? { at: 0, text: '' };
    if (at > 0 || text !== 'x') simpler.push({ ...entry, pieces: [{ at: 0, text: 'x' }] });
    if (at > 4096) simpler.push({ ...entry, pieces: [{ at: 4096, text: 'x' }] });
    if (text !== 'x') simpler.push({ ...entry, pieces: [{ at, text: 'x' }] });
  }
  if (entry.type === 'symlink') {
    for (const target of shorterPaths(entry.target)) simpler.push({ ...entry, target });
  }
  if (entry.type === 'chr' && entry.rdev.major !== 0)
    simpler.push({ ...plain(entry), type: 'fifo' });
  const text = { type: 'file', pieces: [{ at: 0, text: 'x' }] } as const;
  if (BECOMES_FILE.has(entry.type)) simpler.push({ ...plain(entry), type: 'file' });
  if (entry.type === 'link') simpler.push({ ...plain(entry), ...text });
  if (entry.type === 'file' && entry.size !== undefined) {
    const { size: _, ...rest } = entry;
    simpler.push({ ...rest, ...text });
  }
  for (const [name, value] of Object.entries(entry.xattrs ?? {})) {
    if (value.length > 1) simpler.push({ ...entry, xattrs: { ...entry.xattrs, [name]: '1' } });
  }
  const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')));
  if (parent !== '') simpler.push({ path: parent, type: 'dir' });
  for (const path of shorterPaths(entry.path)) simpler.push({ ...entry, path });
  return simpler;
}

function withoutOne(options: string): readonly string[] {
  const given = options.split(',');
  return given.map((_, at) => given.toSpliced(at, 1).join(','));
}

function plain({ path }: Entry): { readonly path: string } {
  return { path };
}

/** A path with the first or the last name left out; `a/b/c` gives `a`, `c`, `a/b`, `b/c`. */
function shorterPaths(path: string): readonly string[] {
  const names = path.split('/');
  if (names.length === 1) return [];
  const paths = [
    ...[names[0] ?? '', names.at(-1) ?? ''],
    ...[names.slice(0, -1).join('/'), names.slice(1).join('/')],
  ];
  return [...new Set(paths)];
}

function smallerNumbers(value: number): readonly number[] {
  if (value < 0) return [0];
  return [0, 1, 4096, Math.floor(value / 2)].filter(
    (other, index, all) => other < value && all.indexOf(other) === index,
  );
}

/** Those that stand before a value in a list; all of the list when the value is not in it. */
function before<T>(value: T, list: readonly T[]): readonly T[] {
  const at = list.indexOf(value);
  return at < 0 ? list : list.slice(0, at);
}

/** The access mode comes first: it is the last to go. */
function fewerButAccess<T>(flags: readonly T[]): readonly (readonly T[])[] {
  return [...(flags.length > 1 ? [flags.slice(0, 1)] : []), ...fewer(flags)];
}

/** What says how files are laid out must be said always, or never. */
function fewerButFormat(flags: ArgKinds['fileFlags']): readonly ArgKinds['fileFlags'][] {
  const others = flags.filter((flag) => flag !== 'FS_EXTENT_FL');
  const format = flags.filter((flag) => flag === 'FS_EXTENT_FL');
  return fewer(others).map((left) => [...left, ...format]);
}

function fewer<T>(flags: readonly T[]): readonly (readonly T[])[] {
  if (flags.length === 0) return [];
  return [[], ...(flags.length > 1 ? flags.map((_, at) => flags.toSpliced(at, 1)) : [])];
}
