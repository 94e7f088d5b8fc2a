import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { withRoomFor } from '../errors.ts';
import type { LoadableModule } from './modules.ts';

const DIRECTORY = 0o040755;
const EXECUTABLE = 0o100755;
const FILE = 0o100644;
const CHAR_DEVICE = 0o020600;

interface CpioEntry {
  readonly name: string;
  readonly mode: number;
  readonly content?: Buffer;
  readonly device?: { readonly major: number; readonly minor: number };
}

/**
 * An initramfs of the executor and the modules it inserts, in that order. /dev/console is in it
 * because the kernel opens it for init before init can mount anything.
 */
export function initramfsEntries(
  executor: Buffer,
  modules: readonly LoadableModule[],
): readonly CpioEntry[] {
  return [
    ...['dev', 'proc', 'sys', 'b', 'm', 'modules'].map((name) => ({ name, mode: DIRECTORY })),
    { name: 'dev/console', mode: CHAR_DEVICE, device: { major: 5, minor: 1 } },
    { name: 'init', mode: EXECUTABLE, content: executor },
    ...modules.map(({ name, bytes }, index) => ({
      name: `modules/${String(index).padStart(3, '0')}-${name}.ko`,
      mode: FILE,
      content: bytes,
    })),
  ];
}

/** Writes a cpio archive in the `newc` form, the only one that the kernel reads. */
export function cpio(entries: readonly CpioEntry[]): Buffer {
  const all = [...entries, { name: 'TRAILER!!!', mode: 0 }];
  return Buffer.concat(all.flatMap((entry, index) => formatEntry(entry, index + 1)));
}

function formatEntry({ name, mode, content, device }: CpioEntry, ino: number): readonly Buffer[] {
  const bytes = content ?? Buffer.alloc(0);
  const nlink = 1;
  const fields = [
    ...[ino, mode, 0, 0, nlink, 0, bytes.length, 0, 0],
    ...[device?.major ?? 0, device?.minor ?? 0, Buffer.byteLength(name) + 1, 0],
  ];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return [padded(Buffer.from(`${header}${name}\0`)), padded(bytes)];
}

/** Headers with their names, and contents, each end on a multiple of four bytes. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

/**
 * The initramfs in the cache, named by its content and made when it is not there. It is not
 * compressed: an emulated CPU takes longer to unpack it than the firmware to read it.
 */
export async function makeInitramfs(
  cacheDir: string,
  executorPath: string,
  modules: readonly LoadableModule[],
): Promise<string> {
  const bytes = cpio(initramfsEntries(await readFile(executorPath), modules));
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  const folder = join(cacheDir, 'initramfs');
  const path = join(folder, `${id}.cpio`);
  const found = await stat(path).catch(() => null);
  if (found?.size === bytes.length) return path;
  await withRoomFor('an initramfs', async () => {
    await mkdir(folder, { recursive: true });
    await writeFileAtomically(path, bytes);
  });
  return path;
}
