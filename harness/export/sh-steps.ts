import type { Step } from '../../model/ops/index.ts';
import type { ArgKinds } from '../../model/ops/op.ts';
import type { Prediction } from '../../model/prediction.ts';
import { modeWord, ownerWord, pathWord, shellBytes, shellWord, valueWord } from './sh-text.ts';
import { quoteAll, statusText } from './state-text.ts';
import type { StatView } from '../../model/observation.ts';

/** Where a path of a step is: in the overlay, or in a layer. */
type At = (path: string) => string;
type Args<O extends Step['op']> = Extract<Step, { op: O }>['args'];

/** A command, and what is known of it. */
interface Command {
  readonly words: string;
  /** What it is to print. */
  readonly prints?: string;
  /** It changes what the shell has open, so that nobody else can run it. */
  readonly isOwn?: true;
}

type Writer<O extends Step['op']> = (
  args: Args<O>,
  at: At,
  predicted: Prediction<unknown>,
) => Command | string | null;

type Writers = { readonly [O in Step['op']]?: Writer<O> };

/** How steps are spelled as commands; null where one has no command. */
const WRITERS: Writers = {
  mkdir: ({ path, mode }, at) => masked(mode, 0o777, `mkdir ${at(path)}`),
  mknod: writeMknod,
  symlink: ({ target, path }, at) => `ln -sT ${shellWord(target)} ${at(path)}`,
  readlink: ({ path, size }, at, predicted) => {
    const target = bytesOf(predicted);
    if (target !== null && target.length >= size) return null;
    return withBytes(`readlink ${target === null ? '-v' : '-n'} ${at(path)}`, target);
  },
  link: ({ from, to, flags }, at) => (flags.length > 0 ? null : `link ${at(from)} ${at(to)}`),
  unlink: ({ path }, at) => `unlink ${at(path)}`,
  rmdir: ({ path }, at) => `rmdir ${at(path)}`,
  rename: writeRename,
  truncate: ({ path, offset }, at) => `truncate_to ${at(path)} ${offset}`,
  chmod: writeChmod,
  chown: ({ path, uid, gid }, at) => owned('chown', uid, gid, at(path)),
  lchown: ({ path, uid, gid }, at) => owned('chown -h', uid, gid, at(path)),
  utimens: writeTouch,
  stat: ({ path, flags }, at, predicted) => {
    if (!predicted.ok || flags.some((flag) => flag !== 'AT_SYMLINK_NOFOLLOW')) return null;
    const follows = flags.length === 0 ? ' -L' : '';
    // What a status is predicted as.
    return withBytes(`status_of ${at(path)}${follows}`, statusText(predicted.value as StatView));
  },
  setxattr: (args, at) => writeSetfattr('', args, at),
  lsetxattr: (args, at) => writeSetfattr('-h ', args, at),
  removexattr: ({ path, name }, at) => `setfattr -x ${shellWord(name)} ${at(path)}`,
  lremovexattr: ({ path, name }, at) => `setfattr -h -x ${shellWord(name)} ${at(path)}`,
  getxattr: (args, at, predicted) => writeGetfattr('', args, at, predicted),
  lgetxattr: (args, at, predicted) => writeGetfattr('-h ', args, at, predicted),
  open: writeOpen,
  read: ({ fd, size }, _, predicted) => {
    const bytes = bytesOf(predicted);
    return size === 0 ? null : withBytes(`reads ${fileOf(fd)} ${size}`, bytes);
  },
  write: ({ fd, bytes }, _, predicted) => {
    const isWhole = !predicted.ok || predicted.value === bytes.length;
    return bytes === '' || !isWhole ? null : `writes ${fileOf(fd)} ${shellBytes(bytes)}`;
  },
  close: ({ fd }, _, predicted) =>
    predicted.ok ? { words: `closes ${fileOf(fd)}`, isOwn: true } : null,
  dropCaches: () => 'drop_caches',
  sync: () => 'sync',
  offlineMkdir: ({ path, mode }, at) => masked(mode, 0o777, `mkdir ${at(path)}`),
  offlineMknod: writeMknod,
  offlineRename: writeRename,
  offlineLink: ({ from, to }, at) => `link ${at(from)} ${at(to)}`,
  offlineUnlink: ({ path }, at) => `unlink ${at(path)}`,
  offlineRmdir: ({ path }, at) => `rmdir ${at(path)}`,
  offlineChmod: writeChmod,
  offlineChown: ({ path, uid, gid }, at) => owned('chown -h', uid, gid, at(path)),
  offlineTruncate: ({ path, offset }, at) => `truncate_to ${at(path)} ${offset}`,
  offlineSetMark: ({ path, name, value }, at) =>
    `setfattr -h -n ${name} -v ${valueWord(value)} ${at(path)}`,
  offlineRemoveMark: ({ path, name }, at) => `setfattr -h -x ${name} ${at(path)}`,
  offlineRemoveTree: ({ path }, at) => (path === '.' ? null : `rm -r ${at(path)}`),
  offlineChownTree: ({ path, uid, gid }, at) => owned('chown -hR', uid, gid, at(path)),
};

/** A step as a command; null where a shell has none that does just that. */
export function commandOf(
  step: Step,
  place: string,
  predicted: Prediction<unknown>,
): Command | null {
  // A step and its writer belong together, which the type of a union cannot say.
  const writer = WRITERS[step.op] as Writer<Step['op']> | undefined;
  const at: At = (path) => pathWord(place, path);
  const written = writer?.(step.args, at, predicted) ?? null;
  return typeof written === 'string' ? { words: written } : written;
}

/** The operations that some step of can be written. */
export function writableOps(): readonly string[] {
  return Object.keys(WRITERS);
}

/** Commands make things with all permissions, and the mask takes some away. */
function masked(mode: number, all: number, words: string): string | null {
  if ((mode & ~all) !== 0) return null;
  return mode === all ? words : `with_umask ${modeWord(all & ~mode)} ${words}`;
}

function writeRename(
  { from, to, flags }: Args<'rename'> | Args<'offlineRename'>,
  at: At,
): string | null {
  return flags.length > 0 ? null : `rename_to ${at(from)} ${at(to)}`;
}

function writeMknod(
  { path, mode, device }: Args<'mknod'> | Args<'offlineMknod'>,
  at: At,
): string | null {
  const { type, major, minor } = device;
  const kind = { fifo: 'p', chr: `c ${major} ${minor}`, blk: `b ${major} ${minor}` }[type];
  return masked(mode, 0o666, `mknod ${at(path)} ${kind}`);
}

/** Of a directory chmod(1) keeps the set-id bits unless there are five digits. */
function writeChmod({ path, mode }: Args<'chmod'> | Args<'offlineChmod'>, at: At): string {
  return `chmod 0${modeWord(mode)} ${at(path)}`;
}

function owned(command: string, uid: number, gid: number, path: string): string | null {
  const owner = ownerWord(uid, gid);
  return owner === null ? null : `${command} ${owner} ${path}`;
}

function writeTouch(
  { path, atime, mtime, flags }: Args<'utimens'>,
  at: At,
  predicted: Prediction<unknown>,
): string | null {
  const isPlain = flags.every((flag) => flag === 'AT_SYMLINK_NOFOLLOW');
  // touch(1) is content when there is nothing to touch.
  if (!isPlain || (!predicted.ok && predicted.anyOf.includes('ENOENT'))) return null;
  const which = { both: '', atime: ' -a', mtime: ' -m' };
  const [word, time] =
    mtime === 'UTIME_OMIT'
      ? [which.atime, atime]
      : atime === 'UTIME_OMIT'
        ? [which.mtime, mtime]
        : [which.both, isSameTime(atime, mtime) ? mtime : 'UTIME_OMIT'];
  if (time === 'UTIME_OMIT') return null;
  const nsec = typeof time === 'string' ? '' : `.${String(time.nsec).padStart(9, '0')}`;
  const date = typeof time === 'string' ? '' : ` -d @${time.sec}${nsec}`;
  return `touch -c${flags.length > 0 ? ' -h' : ''}${word}${date} ${at(path)}`;
}

function isSameTime(a: ArgKinds['time'], b: ArgKinds['time']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function writeSetfattr(
  option: string,
  { path, name, value, flags }: Args<'setxattr'>,
  at: At,
): string | null {
  if (flags.length > 0) return null;
  return `setfattr ${option}-n ${shellWord(name)} -v ${valueWord(value)} ${at(path)}`;
}

function writeGetfattr(
  option: string,
  { path, name, size }: Args<'getxattr'>,
  at: At,
  predicted: Prediction<unknown>,
): Command | null {
  const value = bytesOf(predicted);
  // getfattr(1) asks with as much room as it takes.
  if (size === 0 || (!predicted.ok && predicted.anyOf.includes('ERANGE'))) return null;
  const words = `getfattr ${option}-n ${shellWord(name)} --only-values --absolute-names`;
  return withBytes(`${words} ${at(path)}`, value);
}

/** What bash can open with, by the flags. What is there is not made anew by O_CREAT. */
const REDIRECTIONS: Readonly<Record<string, { readonly by: string; readonly isExact: boolean }>> = {
  '': { by: '<', isExact: true },
  O_RDONLY: { by: '<', isExact: true },
  'O_CREAT O_RDWR': { by: '<>', isExact: true },
  O_RDWR: { by: '<>', isExact: false },
  'O_CREAT O_TRUNC O_WRONLY': { by: '>', isExact: true },
  'O_TRUNC O_WRONLY': { by: '>', isExact: false },
  'O_APPEND O_CREAT O_WRONLY': { by: '>>', isExact: true },
  'O_APPEND O_WRONLY': { by: '>>', isExact: false },
};

function writeOpen(
  { slot, path, flags, mode }: Args<'open'>,
  at: At,
  predicted: Prediction<unknown>,
): Command | null {
  const how = REDIRECTIONS[flags.toSorted().join(' ')];
  if (how === undefined || (!how.isExact && !predicted.ok)) return null;
  const words = `opens ${fileOf(slot)} ${shellWord(how.by)} ${at(path)}`;
  if (!flags.includes('O_CREAT') || mode === 0o666) return { words, isOwn: true };
  return null;
}

/** Files of scenarios are behind those that bash itself may have open. */
export function fileOf(slot: number): string {
  return String(10 + slot);
}

function bytesOf(predicted: Prediction<unknown>): string | null {
  return predicted.ok && typeof predicted.value === 'string' ? predicted.value : null;
}

function withBytes(words: string, bytes: string | null): Command {
  return bytes === null ? { words } : { words, prints: quoteAll(bytes) };
}
