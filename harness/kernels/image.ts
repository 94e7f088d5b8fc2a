import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

export type KernelSource = 'debian' | 'host' | 'path' | 'tree';

/** A kernel that can be booted. */
export interface KernelImage {
  /** What `uname -r` will say, where that is known before the boot. */
  readonly release: string;
  /** What was asked for: a version prefix, `host`, or a path. */
  readonly asked: string;
  readonly source: KernelSource;
  /** `vm` is for QEMU; `uml` is a program; `running` is the kernel of this machine. */
  readonly kind: 'vm' | 'uml' | 'running';
  readonly imagePath: string;
  readonly modules: ModuleFiles;
  /** The lines of the kernel's configuration, by option; null where it is not known. */
  readonly config: ReadonlyMap<string, string> | null;
}

/** Module files by name, with underscores as the kernel spells them. */
export type ModuleFiles = ReadonlyMap<string, string>;

const MODULE_NAME = /^(.+)\.ko(?:\.(?:xz|gz|zst))?$/;

/** The module that a file holds, or null when it holds none. */
export function moduleNameOf(path: string): string | null {
  const stem = MODULE_NAME.exec(basename(path))?.[1];
  return stem === undefined ? null : stem.replaceAll('-', '_');
}

/** All modules below a folder; none when there is no such folder. */
export async function findModuleFiles(folder: string): Promise<ModuleFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, string>();
  for (const entry of entries) {
    const name = moduleNameOf(entry.name);
    if (name !== null && entry.isFile()) files.set(name, join(entry.parentPath, entry.name));
  }
  return files;
}

/** Reads a kernel's `.config`: `CONFIG_X=value`, and comments for what is not set. */
export function parseConfig(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line.startsWith('CONFIG_'));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
