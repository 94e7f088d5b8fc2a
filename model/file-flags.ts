import { BASE_PROFILES, profileOf } from './bases.ts';
import type { FileFlag, ProtectionFlag, ToldFlag } from './flags.ts';
import { fail, succeed } from './prediction.ts';
import type { Prediction } from './prediction.ts';
import type { Semantics } from './semantics/semantics.ts';
import type { RealInode } from './state.ts';

/** Flags of inodes of a real file system, which some keep and some do not. */

/** What statx(2) shows of them. */
const SHOWN: Readonly<Partial<Record<FileFlag, number>>> = {
  FS_IMMUTABLE_FL: 0x10,
  FS_APPEND_FL: 0x20,
  FS_NODUMP_FL: 0x40,
};

const PROTECTIONS: readonly ProtectionFlag[] = ['FS_IMMUTABLE_FL', 'FS_APPEND_FL'];

const STATX_ATTR_VERITY = 0x10_0000;

export function shownFlags(inode: RealInode, flags: ReadonlySet<FileFlag> = inode.flags): number {
  let bits: number = profileOf(inode).statxAttributes;
  if (inode.verityDigest !== null) bits |= STATX_ATTR_VERITY;
  for (const flag of flags) bits |= SHOWN[flag] ?? 0;
  return bits;
}

/** The flags that such bits stand for. */
export function flagsOfShown(bits: number): readonly FileFlag[] {
  const flags = Object.keys(SHOWN) as FileFlag[]; // The table has no other keys.
  return flags.filter((flag) => (bits & (SHOWN[flag] ?? 0)) !== 0);
}

/** Those of some flags that forbid changes. */
export function protectionIn(flags: ReadonlySet<ToldFlag>): ReadonlySet<ProtectionFlag> {
  return new Set(PROTECTIONS.filter((flag) => flags.has(flag)));
}

/** Whether an object of a layer is immutable or append-only. */
export function isKept({ flags }: RealInode): boolean {
  return PROTECTIONS.some((flag) => flags.has(flag));
}

/** Whether neither a flag nor fs-verity forbids to change the content of a file of a layer. */
export function takesContent(inode: RealInode): boolean {
  return !isKept(inode) && inode.verityDigest === null;
}

/** Whether a file takes nothing, even from those who had it open before it was immutable. */
export function isGuarded(inode: RealInode): boolean {
  return profileOf(inode).guardsImmutable && inode.flags.has('FS_IMMUTABLE_FL');
}

export function takesNames({ flags }: RealInode): boolean {
  return !flags.has('FS_IMMUTABLE_FL');
}

/** Whether flags let a name be taken away from a directory of a layer. */
export function losesNames(dir: RealInode, inode: RealInode): boolean {
  return !isKept(dir) && !isKept(inode);
}

/** Whether the file system keeps flags of this inode at all. */
export function keepsFlags(inode: RealInode, { features }: Semantics): boolean {
  const { base, type } = inode;
  if (type !== 'file' && type !== 'dir') return false;
  if (BASE_PROFILES[base].flags.length === 0) return false;
  return !BASE_PROFILES[base].isInMemory || features.has('tmpfs-flags');
}

/** Replaces all flags that users may change; one that is not supported is refused with the rest. */
export function changeFlags(
  inode: RealInode,
  flags: ReadonlySet<ToldFlag>,
  semantics: Semantics,
): Prediction<null> {
  if (!keepsFlags(inode, semantics)) return fail('ENOTTY');
  const { flags: known, ownFlags } = profileOf(inode);
  const others = [...flags].filter(isCommon);
  if (others.some((flag) => !known.includes(flag))) return fail('EOPNOTSUPP');
  if (flags.size > others.length && ownFlags.length === 0) return fail('EOPNOTSUPP');
  const isCallPassedOn = semantics.behaviour.flagsUnsupported === 'after copy-up';
  if (flags.has('FS_XFLAG_HASATTR') && isCallPassedOn) return fail('EOPNOTSUPP');
  inode.flags = new Set(others);
  inode.version++;
  return succeed(null);
}

function isCommon(flag: ToldFlag): flag is FileFlag {
  return flag !== 'FS_EXTENT_FL' && flag !== 'FS_VERITY_FL' && flag !== 'FS_XFLAG_HASATTR';
}

/** A new inode gets some flags of the directory that it is made in. */
export function inheritFlags(dir: RealInode, inode: RealInode): void {
  if (dir.flags.size === 0) return;
  const isSpecial = inode.type !== 'file' && inode.type !== 'dir';
  const { inherits } = profileOf(dir);
  const handedOn = isSpecial ? inherits.toOthers : inherits.toFiles;
  inode.flags = new Set(handedOn.filter((flag) => dir.flags.has(flag)));
}
