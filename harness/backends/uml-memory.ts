import { readFile, statfs } from 'node:fs/promises';

const SHARED_MEMORY = '/dev/shm';

/**
 * Where UML makes the file that is its memory. The usual place has to have room for it and to let
 * code run, which it has not in many a container: there it is another folder, at the cost of what
 * its file system writes to a disk.
 */
export async function memoryFolder(memoryMib: number, otherwise: string): Promise<string> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  if (!letsCodeRun(mounts, SHARED_MEMORY)) return otherwise;
  const { bavail, bsize } = await statfs(SHARED_MEMORY);
  return bavail * bsize >= memoryMib * 1024 * 1024 ? SHARED_MEMORY : otherwise;
}

/** Whether a folder is a tmpfs that lets code run. Of the mounts on one folder, the last shows. */
export function letsCodeRun(mounts: string, folder: string): boolean {
  const lines = mounts.split('\n').map((line) => line.split(' '));
  const [, , type, options = ''] = lines.findLast(([, where]) => where === folder) ?? [];
  return type === 'tmpfs' && !options.split(',').includes('noexec');
}
