import { existsSync, readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { basename, join } from 'node:path';
import type { BackendName } from '../backend.ts';
import { HarnessError } from '../errors.ts';
import { debianKernel } from './debian.ts';
import type { DebianOptions } from './debian.ts';
import { findModuleFiles, parseConfig } from './image.ts';
import type { KernelImage } from './image.ts';
import { umlKernel } from './uml.ts';

const VERSION = /^\d+(\.\d+)*\S*$/;
/** Where a build tree puts its image, by what can boot it. */
const TREE_IMAGES = ['arch/x86/boot/bzImage', 'arch/arm64/boot/Image'];
const NEEDED = ['CONFIG_OVERLAY_FS', 'CONFIG_TMPFS_XATTR', 'CONFIG_DEVTMPFS', 'CONFIG_VIRTIO_CONSOLE'];

export interface KernelWish extends DebianOptions {
  /** A version prefix, `host`, an image file, or a build tree. */
  readonly spec: string;
  /** Modules of an image file. */
  readonly modulesDir: string | null;
  readonly backend: BackendName;
}

/** Finds the kernel that was asked for, for a backend that was chosen. */
export async function resolveKernel(wish: KernelWish): Promise<KernelImage> {
  const { spec, backend } = wish;
  if (backend === 'namespace') return runningKernel(spec);
  if (backend === 'uml') return umlKernel(spec);
  if (spec === 'host') {
    throw new HarnessError('bad-input', '--kernel host needs --backend namespace');
  }
  if (existsSync(spec)) {
    return statSync(spec).isDirectory() ? treeKernel(spec) : fileKernel(spec, wish.modulesDir);
  }
  if (!VERSION.test(spec)) {
    throw new HarnessError('no-such-kernel', `${spec} is no version, image file or build tree`);
  }
  return debianKernel(spec, wish);
}

function runningKernel(asked: string): KernelImage {
  return {
    asked,
    release: release(),
    source: 'host',
    kind: 'running',
    imagePath: '',
    modules: new Map(),
    config: null,
  };
}

async function fileKernel(path: string, modulesDir: string | null): Promise<KernelImage> {
  const modules = modulesDir === null ? new Map<string, string>() : await findModuleFiles(modulesDir);
  const release = modulesDir === null ? basename(path) : basename(modulesDir);
  return {
    asked: path,
    release,
    source: 'path',
    kind: 'vm',
    imagePath: path,
    modules,
    config: null,
  };
}

async function treeKernel(tree: string): Promise<KernelImage> {
  const found = TREE_IMAGES.map((path) => join(tree, path)).find(existsSync);
  if (found === undefined) {
    throw new HarnessError('unfit-kernel', `${tree} holds no built kernel (${TREE_IMAGES.join(', ')})`);
  }
  const configFile = join(tree, '.config');
  const config = existsSync(configFile) ? parseConfig(readFileSync(configFile, 'latin1')) : null;
  const missing = config === null ? [] : NEEDED.filter((option) => !config.has(option));
  if (missing.length > 0) {
    throw new HarnessError('unfit-kernel', `the kernel of ${tree} lacks ${missing.join(', ')}`);
  }
  const releaseFile = join(tree, 'include/config/kernel.release');
  return {
    asked: tree,
    release: existsSync(releaseFile) ? readFileSync(releaseFile, 'latin1').trim() : basename(tree),
    source: 'tree',
    kind: 'vm',
    imagePath: found,
    modules: await findModuleFiles(tree),
    config,
  };
}
