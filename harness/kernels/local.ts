import { open, readFile, stat } from 'node:fs/promises';
import { release as osRelease } from 'node:os';
import { join } from 'node:path';
import { HarnessError } from '../errors.ts';
import { findOnPath, run } from '../process.ts';
import type { KernelKind } from './candidates.ts';
import { findModuleFiles, moduleNameOf, parseConfig } from './image.ts';
import type { KernelImage, ModuleFiles } from './image.ts';
import { hasVersionPrefix } from './versions.ts';

/** What every scenario may ask for, or a machine of ours cannot start without. */
const ALWAYS_NEEDED = [
  ...['OVERLAY_FS', 'TMPFS', 'TMPFS_XATTR', 'TMPFS_POSIX_ACL', 'DEVTMPFS', 'PROC_FS', 'SYSFS'],
  ...['BLK_DEV_INITRD', 'BINFMT_ELF', 'MULTIUSER', 'FHANDLE', 'FILE_LOCKING', 'INOTIFY_USER'],
];

/** Options without which a kernel is no use to us, as modules or built in. */
const CONFIG_NEEDED: Readonly<Record<KernelKind, readonly string[]>> = {
  vm: [...ALWAYS_NEEDED, 'PCI', 'VIRTIO_PCI', 'VIRTIO_CONSOLE'],
  uml: [...ALWAYS_NEEDED, 'SSL'],
};

/** The kernel that runs here, for the backend that uses it as it is. */
export function runningKernel(asked: string): KernelImage {
  const release = osRelease();
  if (asked !== 'host' && !hasVersionPrefix(release, asked)) {
    const why = `the namespace backend runs this machine's own kernel, ${release}`;
    throw new HarnessError('bad-input', `kernel ${asked} cannot be used: ${why}`);
  }
  return { ...UNKNOWN, asked, kind: 'running', source: 'host', release };
}

const UNKNOWN = { imagePath: '', modules: new Map<string, string>(), config: null };

/** The image of the kernel that runs here, to boot it in a VM; or the installed UML. */
export async function hostKernel(kind: KernelKind): Promise<KernelImage> {
  if (kind === 'uml') {
    const installed = await installedUml();
    if (installed !== null) return installed;
    throw new HarnessError('no-such-kernel', 'no UML here: apt-get install user-mode-linux');
  }
  const release = osRelease();
  const folder = `/lib/modules/${release}`;
  for (const imagePath of [`/boot/vmlinuz-${release}`, join(folder, 'vmlinuz')]) {
    if ((await stat(imagePath).catch(() => null)) === null) continue;
    const modules = await findModuleFiles(folder);
    const config = await readConfig(`/boot/config-${release}`);
    return { asked: 'host', kind, source: 'host', release, imagePath, modules, config };
  }
  const hint = 'give the path of an image, or --backend namespace to use the running kernel';
  throw new HarnessError('no-such-kernel', `the image of kernel ${release} is not here: ${hint}`);
}

/** The UML of the package `user-mode-linux`, where it is installed. */
export async function installedUml(): Promise<KernelImage | null> {
  const imagePath = await findOnPath('linux.uml');
  if (imagePath === null) return null;
  const release = (await run(imagePath, ['--version'])).stdout.trim();
  const modules = await findModuleFiles(`/usr/lib/uml/modules/${release}`);
  return { ...UNKNOWN, asked: 'host', kind: 'uml', source: 'host', release, imagePath, modules };
}

/** An image with modules beside it, or a kernel build tree. */
export async function kernelAtPath(
  path: string,
  kind: KernelKind,
  modulesDir?: string,
): Promise<KernelImage> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new HarnessError('bad-input', `${path} does not exist`);
  if (found.isDirectory()) return kernelTree(path, kind);
  const release = (await releaseOf(path, kind)) ?? 'unknown';
  const modules = modulesDir === undefined ? UNKNOWN.modules : await findModuleFiles(modulesDir);
  return { ...UNKNOWN, asked: path, kind, source: 'path', release, imagePath: path, modules };
}

const TREE_IMAGES: Readonly<Record<KernelKind, readonly string[]>> = {
  vm: ['arch/x86/boot/bzImage', 'arch/arm64/boot/Image'],
  uml: ['linux', 'vmlinux'],
};

async function kernelTree(tree: string, kind: KernelKind): Promise<KernelImage> {
  const config = await readConfig(join(tree, '.config'));
  if (config === null) {
    throw new HarnessError('bad-input', `${tree} is no kernel build tree: it has no .config`);
  }
  if (config.has('CONFIG_UML') !== (kind === 'uml')) {
    const hint = kind === 'uml' ? 'is not built for UML' : 'is built for UML: use --backend uml';
    throw new HarnessError('unfit-kernel', `${tree} ${hint}`);
  }
  const missing = CONFIG_NEEDED[kind].filter((option) => !config.has(`CONFIG_${option}`));
  if (missing.length > 0) {
    const names = missing.map((option) => `CONFIG_${option}`).join(', ');
    const set = missing.map((option) => `-e ${option}`).join(' ');
    const hint = `scripts/config ${set} && make olddefconfig, then build it`;
    throw new HarnessError('unfit-kernel', `${tree} is built without ${names}: ${hint}`);
  }
  for (const name of TREE_IMAGES[kind]) {
    const imagePath = join(tree, name);
    if ((await stat(imagePath).catch(() => null)) === null) continue;
    const named = await readFile(join(tree, 'include/config/kernel.release'), 'utf8').catch(
      () => '',
    );
    const release = named.trim() === '' ? 'unknown' : named.trim();
    const modules = await modulesOfTree(tree);
    return { asked: tree, kind, source: 'tree', release, imagePath, modules, config };
  }
  throw new HarnessError('unfit-kernel', `${tree} has no kernel image: it is not built`);
}

/** A tree lists what it builds; looking for the files would read tens of thousands of names. */
async function modulesOfTree(tree: string): Promise<ModuleFiles> {
  const text = await readFile(join(tree, 'modules.order'), 'utf8').catch(() => '');
  const files = new Map<string, string>();
  for (const line of text.split('\n')) {
    const path = join(tree, line.trim().replace(/\.o$/, '.ko'));
    const name = moduleNameOf(path);
    if (name !== null) files.set(name, path);
  }
  return files;
}

async function readConfig(path: string): Promise<ReadonlyMap<string, string> | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : parseConfig(text);
}

/** The boot protocol of x86: a magic number, then where the version string is. */
const SETUP_MAGIC_AT = 0x202;
const VERSION_POINTER_AT = 0x20e;
const SETUP_SECTOR_BYTES = 0x200;
const SETUP_BYTES = 0x10000;

/** What an image says that it is, without running it where that is possible. */
async function releaseOf(path: string, kind: KernelKind): Promise<string | null> {
  if (kind === 'uml') return (await run(path, ['--version'])).stdout.trim() || null;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SETUP_BYTES), 0, SETUP_BYTES, 0);
    return releaseInSetup(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

export function releaseInSetup(setup: Buffer): string | null {
  if (setup.length < VERSION_POINTER_AT + 2) return null;
  if (setup.toString('latin1', SETUP_MAGIC_AT, SETUP_MAGIC_AT + 4) !== 'HdrS') return null;
  const at = setup.readUInt16LE(VERSION_POINTER_AT) + SETUP_SECTOR_BYTES;
  const end = setup.indexOf(0, at);
  return setup.toString('latin1', at, end < 0 ? at : end).split(' ')[0] ?? null;
}
