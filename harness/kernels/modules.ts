import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { HarnessError } from '../errors.ts';
import { runBytes } from '../process.ts';
import type { KernelImage, ModuleFiles } from './image.ts';

/** A module as the executor inserts it. */
export interface LoadableModule {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The option that builds a module, for those that a scenario can ask for. */
const CONFIG_OF: Readonly<Record<string, string>> = {
  overlay: 'CONFIG_OVERLAY_FS',
  virtio_pci: 'CONFIG_VIRTIO_PCI',
  virtio_console: 'CONFIG_VIRTIO_CONSOLE',
  ext4: 'CONFIG_EXT4_FS',
  xfs: 'CONFIG_XFS_FS',
  btrfs: 'CONFIG_BTRFS_FS',
  squashfs: 'CONFIG_SQUASHFS',
  erofs: 'CONFIG_EROFS_FS',
  loop: 'CONFIG_BLK_DEV_LOOP',
  dm_flakey: 'CONFIG_DM_FLAKEY',
  nfsd: 'CONFIG_NFSD',
  dns_resolver: 'CONFIG_DNS_RESOLVER',
  nfs: 'CONFIG_NFS_FS',
  nfsv3: 'CONFIG_NFS_V3',
  nfsv4: 'CONFIG_NFS_V4',
};

/** What 6.18 calls crc32c_cryptoapi: without it, mount(2) of a btrfs fails with ENOENT. */
const CRC32C = ['crc32c_generic', 'crc32c_cryptoapi'];

/** What modules ask for by a crypto alias: the kernel would call modprobe, and we have none. */
const ALSO_WANTED: Readonly<Record<string, readonly string[]>> = {
  ext4: CRC32C,
  xfs: CRC32C,
  btrfs: [...CRC32C, 'xxhash_generic', 'sha256_generic', 'blake2b_generic'],
};

/**
 * The modules to insert for what is asked, each after those it needs. A module that the kernel has
 * built in is left out. Dependencies are read from the modules themselves, since Debian's packages
 * come without `modules.dep`.
 */
export async function modulesInLoadOrder(
  kernel: Pick<KernelImage, 'release' | 'modules' | 'config'>,
  asked: readonly string[],
  replacements: ModuleFiles = new Map(),
): Promise<readonly LoadableModule[]> {
  const ordered = new Map<string, LoadableModule>();
  const visited = new Set<string>();
  const visit = async (name: string): Promise<void> => {
    if (visited.has(name)) return;
    visited.add(name);
    const path = replacements.get(name) ?? kernel.modules.get(name);
    if (path === undefined) return;
    const bytes = await readModule(path);
    for (const also of ALSO_WANTED[name] ?? []) await visit(also);
    for (const needed of dependenciesOf(bytes)) await visit(needed);
    ordered.set(name, { name, bytes });
  };
  for (const name of asked) {
    refuseMissing(kernel, name, replacements);
    await visit(name);
  }
  return [...ordered.values()];
}

function refuseMissing(
  { release, modules, config }: Pick<KernelImage, 'release' | 'modules' | 'config'>,
  name: string,
  replacements: ModuleFiles,
): void {
  const option = CONFIG_OF[name];
  if (modules.has(name) || replacements.has(name) || config === null || option === undefined)
    return;
  const value = config.get(option);
  if (value === 'y') return;
  const why = value === 'm' ? 'its module file is not there' : `${option} is not set`;
  throw new HarnessError('unfit-kernel', `kernel ${release} cannot be used: ${why} (${name})`);
}

/** The modules that a module needs, from its `.modinfo` section: NUL-terminated `key=value`. */
export function dependenciesOf(module: Buffer): readonly string[] {
  const text = modinfo(module, 'depends') ?? '';
  return text === '' ? [] : text.split(',').map((name) => name.replaceAll('-', '_'));
}

/** The kernel that a module was built for, or null for what is no module. */
export function releaseOfModule(module: Buffer): string | null {
  return modinfo(module, 'vermagic')?.split(' ')[0] ?? null;
}

function modinfo(module: Buffer, field: string): string | null {
  const key = `\0${field}=`;
  const at = module.indexOf(key, 0, 'latin1');
  if (at < 0) return null;
  const start = at + key.length;
  return module.toString('latin1', start, module.indexOf(0, start));
}

/** The kernel loads plain modules only (finit_module without a decompressor). */
export async function readModule(path: string): Promise<Buffer> {
  switch (extname(path)) {
    case '.xz':
      return runBytes('xz', ['-dc', path]);
    case '.gz':
      return promisify(gunzip)(await readFile(path));
    case '.zst':
      return promisify(zstdDecompress)(await readFile(path));
    default:
      return readFile(path);
  }
}
