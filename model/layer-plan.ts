import { DEFAULT_ACL, isAclName } from './acl-names.ts';
import { parseAcl, whyInvalid } from './acl.ts';
import { BASE_PROFILES } from './bases.ts';
import type { BaseType } from './bases.ts';
import type { FileFlag } from './flags.ts';
import type { Step } from './ops/index.ts';
import type { Entry, LayerSpec, Piece } from './scenario.ts';
import type { DeviceNumber, FileType } from './state.ts';

/** An entry of a layer with every default filled in, in an order in which it can be made. */
export interface PlannedEntry {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly xattrs: readonly (readonly [name: string, value: string])[];
  readonly flags: readonly FileFlag[];
  readonly atimeSec: number;
  readonly mtimeSec: number;
  readonly type: Exclude<FileType, 'sock'> | 'link';
  readonly target: string;
  readonly rdev: DeviceNumber;
  readonly pieces: readonly Piece[];
  readonly size: number | null;
  readonly hasVerity: boolean;
  /** The earlier entry that a link is a further name of. */
  readonly to: string;
}

/** A tree on one file system, and what is done in it. */
export interface PlainScenario {
  readonly base: BaseType;
  readonly entries: readonly PlannedEntry[];
  readonly steps: readonly Step[];
}

export const FIRST_SEC = 1_000_000_000;
const LAYER_SECS = 1000;
/** Keeps atime apart from every mtime. */
const ATIME_SECS = 500;
const DIR_MODE = 0o755;
const FILE_MODE = 0o644;
const SYMLINK_MODE = 0o777;
const NO_DEVICE: DeviceNumber = { major: 0, minor: 0 };

/**
 * The acts that make a layer. Any list of entries can be made: missing parents are added; a second
 * entry for a path, one below a non-directory, and a link to nothing are left out, and so are
 * whiteouts where an overlay would take them for its own.
 */
export function planLayer(
  { role, entries: all }: LayerSpec,
  layerIndex: number,
  base: BaseType = 'tmpfs',
): PlannedEntry[] {
  const entries = BASE_PROFILES[base].escapesMarks ? all.filter(isNoWhiteout) : all;
  const planned = new Map<string, PlannedEntry>();
  const add = (entry: Entry): void => {
    const second = FIRST_SEC + layerIndex * LAYER_SECS + planned.size;
    planned.set(entry.path, fillIn(entry, second, role));
  };
  add(
    entries.find(({ path, type }) => path === '.' && type === 'dir') ?? { path: '.', type: 'dir' },
  );
  for (const entry of entries) {
    if (planned.has(entry.path) || !parentsOf(entry.path).every(canHold)) continue;
    if (entry.type === 'link' && !canLink(entry.to)) continue;
    for (const path of parentsOf(entry.path)) if (!planned.has(path)) add({ path, type: 'dir' });
    add(entry);
  }
  return [...planned.values()];

  function canHold(path: string): boolean {
    return (planned.get(path)?.type ?? 'dir') === 'dir';
  }

  function canLink(path: string): boolean {
    const to = planned.get(path);
    return to !== undefined && to.type !== 'dir';
  }
}

function isNoWhiteout(entry: Entry): boolean {
  return entry.type !== 'chr' || entry.rdev.major !== 0 || entry.rdev.minor !== 0;
}

/** The directories on a path, the outermost first. */
function parentsOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
}

function fillIn(entry: Entry, second: number, role: LayerSpec['role']): PlannedEntry {
  const mode = entry.mode ?? (entry.type === 'dir' ? DIR_MODE : FILE_MODE);
  const xattrs = Object.entries(entry.xattrs ?? {}).filter(([name, value]) =>
    mayHave(entry.type, name, value),
  );
  return {
    path: entry.path,
    type: entry.type,
    mode: entry.type === 'symlink' ? SYMLINK_MODE : mode,
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    xattrs: entry.type === 'link' ? [] : xattrs,
    flags: isFileOrDir(entry.type) ? (entry.flags ?? []) : [],
    atimeSec: second + ATIME_SECS,
    mtimeSec: second,
    target: entry.type === 'symlink' ? entry.target : '',
    rdev: 'rdev' in entry ? entry.rdev : NO_DEVICE,
    pieces: entry.type === 'file' ? (entry.pieces ?? []) : [],
    size: entry.type === 'file' ? (entry.size ?? null) : null,
    hasVerity: entry.type === 'file' && entry.verity === true && role !== 'upper',
    to: entry.type === 'link' ? entry.to : '',
  };
}

/** Whether a file system would store it: the VFS keeps user.* and lists to some types. */
function mayHave(type: Entry['type'], name: string, value: string): boolean {
  if (name.startsWith('user.')) return isFileOrDir(type);
  if (!isAclName(name)) return true;
  const acl = parseAcl(value);
  const isWhole = acl.ok && acl.value !== null && whyInvalid(acl.value) === null;
  return isWhole && (name === DEFAULT_ACL ? type === 'dir' : type !== 'symlink');
}

function isFileOrDir(type: Entry['type']): boolean {
  return type === 'file' || type === 'dir';
}
