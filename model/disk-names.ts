import { handleIno, handleUuid } from './handle.ts';
import type { Identities } from './identities.ts';
import type { Tree } from './observation.ts';

/** Where the model keeps what the kernel names by a number of its own or by a file handle. */
const KEPT_WHITEOUT = /^(w\d*\/(?:work|index))\/#[0-9a-f]+$/;
const INDEX_ENTRY = /^(w\d*\/index)\/([0-9a-f]{42,})$/;

/** The name of an index entry: the kernel spells the handle of the lower object in hex. */
export function indexName(lowerIno: number): string {
  return `@${lowerIno}`;
}

/** Whether a name may be that of an index entry at all. */
export function isIndexName(name: string): boolean {
  return name.startsWith('@');
}

/**
 * The model's path of an object on disk whose name the kernel made up; null for any other path, and
 * for one that the scenario made up itself. A directory keeps one whiteout at most: others are
 * surplus. A handle may be of several objects when it does not say on which file system: then it is
 * one that has no other name on disk yet.
 */
export function madeUpPath(
  identities: Identities,
  predicted: Pick<Tree, 'has'>,
  path: string,
  hasName: (candidate: string) => boolean = () => false,
): string | null {
  if (!path.startsWith('w') || predicted.has(path)) return null;
  const [, directory] = KEPT_WHITEOUT.exec(path) ?? [];
  if (directory !== undefined) return `${directory}/#`;
  const [, index = '', hex = ''] = INDEX_ENTRY.exec(path) ?? [];
  const handle = bytesOf(hex);
  const kernelIno = handleIno(handle);
  if (kernelIno === null) return null;
  const inos = identities.predictedOf(kernelIno, handleUuid(handle));
  const paths = inos.map((ino) => `${index}/${indexName(ino)}`);
  const meant = paths.filter((candidate) => predicted.has(candidate));
  return meant.find((candidate) => !hasName(candidate)) ?? meant[0] ?? paths[0] ?? null;
}

function bytesOf(hex: string): string {
  return hex.replaceAll(/../g, (byte) => String.fromCharCode(Number.parseInt(byte, 16)));
}
