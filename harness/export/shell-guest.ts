import { readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { kernelParameters } from '../backends/qemu-args.ts';
import { HarnessError } from '../errors.ts';
import type { KernelImage, ModuleFiles } from '../kernels/image.ts';
import { cpio } from '../kernels/initramfs.ts';
import { modulesInLoadOrder } from '../kernels/modules.ts';
import { findOnPath, run } from '../process.ts';
import { makeScratchFolder } from '../scratch.ts';

/** What reproducers call, and what the machine itself needs. */
const PROGRAMS = [
  ...['bash', 'mount', 'umount', 'mountpoint', 'unshare', 'setpriv'],
  ...['mkdir', 'rmdir', 'rm', 'mv', 'cp', 'ln', 'link', 'unlink', 'mknod', 'touch', 'truncate'],
  ...['chmod', 'chown', 'dd', 'cat', 'ls', 'stat', 'readlink', 'id', 'sleep', 'sync', 'basename'],
  ...['getfattr', 'setfattr', 'perl', 'awk', 'sed', 'grep', 'diff', 'sort', 'tail', 'head', 'cut'],
  ...['cksum', 'od'],
];
const MEMORY_MIB = 512;
/** finit_module(2): not every machine has insmod(8). */
const INSERT_MODULE = 'open(F, "<", $ARGV[0]) && !syscall(313, fileno F, $none = "", 0) or die $!';
/** An emulated CPU that starts some hundred processes, on a busy host. */
const TIMEOUT_MS = 500_000;

/** Files in a folder of their own, and the command that is run there. */
export interface GuestCommand {
  readonly files: Readonly<Record<string, Buffer | string>>;
  readonly command: string;
}

export interface GuestResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs commands one after the other on a kernel, with the shell and the tools of this machine. */
export async function runInGuest(
  image: KernelImage,
  moduleFiles: ModuleFiles,
  commands: readonly GuestCommand[],
): Promise<readonly GuestResult[]> {
  await using scratch = await makeScratchFolder();
  const modules = await modulesInLoadOrder(image, ['overlay'], moduleFiles);
  const files = new Map<string, Buffer>([
    ...(await programFiles()),
    ...modules.map(({ bytes }, index) => [`modules/${index}.ko`, bytes] as const),
    ...commands.flatMap((each, index) => filesOf(each, index)),
    ['init', Buffer.from(initText(commands))],
  ]);
  const initrd = join(scratch.path, 'initrd');
  await writeFile(initrd, cpio([...foldersOf(files.keys()), ...[...files].map(entryOf)]));
  const parameters = kernelParameters({ arch: 'x64', accelerator: 'tcg', logLevel: 1 });
  const { stdout } = await run(
    'qemu-system-x86_64',
    [
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-net', 'none', '-no-reboot'],
      ...['-M', 'q35', '-cpu', 'max,-cx16', '-m', `${MEMORY_MIB}M`, '-serial', 'stdio'],
      ...['-kernel', image.imagePath, '-initrd', initrd, '-append', parameters.join(' ')],
    ],
    { timeoutMs: TIMEOUT_MS },
  );
  return commands.map((_, index) => resultIn(stdout.replaceAll('\r', ''), index));
}

/** Says on the console where the output of each command begins, and how it ended. */
function initText(commands: readonly GuestCommand[]): string {
  return [
    '#!/bin/bash',
    'export PATH=/bin LC_ALL=C TMPDIR=/work',
    'mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev',
    'ln -s /proc/self/fd /dev/fd',
    `for module in /modules/*; do perl -e '${INSERT_MODULE}' "$module"; done`,
    ...commands.map(({ command }, index) => {
      return `cd /case${index}; echo "begin ${index}"; ${command}; echo "end ${index}: $?"`;
    }),
    'echo o >/proc/sysrq-trigger; sleep 60',
    '',
  ].join('\n');
}

function resultIn(console: string, index: number): GuestResult {
  const pattern = new RegExp(`^begin ${index}\n([^]*?)^end ${index}: (\\d+)$`, 'm');
  const [, output, status] = pattern.exec(console) ?? [];
  if (output === undefined) {
    throw new HarnessError('boot-failed', `command ${index} did not end:\n${console.slice(-2000)}`);
  }
  return { exitCode: Number(status), output };
}

function filesOf({ files }: GuestCommand, index: number): readonly (readonly [string, Buffer])[] {
  return Object.entries(files).map(([name, content]) => {
    return [`case${index}/${name}`, Buffer.from(content as string)] as const;
  });
}

/** Programs by the names that they are called by, and the libraries that they are linked with. */
async function programFiles(): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const name of PROGRAMS) {
    const path = await findOnPath(name);
    if (path === null) throw new HarnessError('unavailable', `${name} is not installed`);
    files.set(`bin/${name}`, await readFile(path));
    const { stdout } = await run('ldd', [await realpath(path)]);
    for (const [, library = ''] of stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)) {
      const inside = library.slice(1);
      if (!files.has(inside)) files.set(inside, await readFile(library));
    }
  }
  return files;
}

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly content?: Buffer;
  readonly device?: { readonly major: number; readonly minor: number };
}

function entryOf([name, content]: readonly [string, Buffer]): Entry {
  return { name, mode: 0o100755, content };
}

/** Parents come before what is in them. The kernel opens the console before init mounts it. */
function foldersOf(paths: Iterable<string>): readonly Entry[] {
  const folders = new Set(['dev', 'proc', 'sys', 'tmp', 'work']);
  for (const path of paths) {
    const parents: string[] = [];
    for (let at = dirname(path); at !== '.'; at = dirname(at)) parents.unshift(at);
    for (const parent of parents) folders.add(parent);
  }
  return [
    ...[...folders].map((name) => ({ name, mode: 0o040755 })),
    { name: 'dev/console', mode: 0o020600, device: { major: 5, minor: 1 } },
  ];
}
