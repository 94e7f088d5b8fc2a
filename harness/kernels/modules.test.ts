import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeScratchFolder } from '../scratch.ts';
import { findModuleFiles } from './image.ts';
import { dependenciesOf, modulesInLoadOrder } from './modules.ts';

function moduleNeeding(...names: readonly string[]): Buffer {
  return Buffer.from(`\x7fELF\0license=GPL\0depends=${names.join(',')}\0name=x\0`);
}

test('what a module needs is read from the module', () => {
  expect(dependenciesOf(moduleNeeding('virtio', 'virtio-ring'))).toEqual(['virtio', 'virtio_ring']);
  expect(dependenciesOf(moduleNeeding())).toEqual([]);
  expect(dependenciesOf(Buffer.from('no module'))).toEqual([]);
});

test('a module comes after those it needs, once, and a replacement takes its place', async () => {
  await using scratch = await makeScratchFolder();
  const write = (name: string, bytes: Buffer): Promise<void> =>
    writeFile(join(scratch.path, name), bytes);
  await write('virtio-pci.ko', moduleNeeding('virtio_ring', 'virtio'));
  await write('virtio_ring.ko.gz', gzipSync(moduleNeeding('virtio')));
  await write('virtio.ko', moduleNeeding());
  await write('overlay.ko', moduleNeeding());
  await write('other.bin', moduleNeeding('exportfs'));
  const modules = await findModuleFiles(scratch.path);
  const kernel = { release: 'x', modules, config: null };
  const replaced = new Map([['overlay', join(scratch.path, 'other.bin')]]);
  const order = await modulesInLoadOrder(kernel, ['virtio_pci', 'virtio', 'overlay'], replaced);
  expect(order.map(({ name }) => name)).toEqual(['virtio', 'virtio_ring', 'virtio_pci', 'overlay']);
  expect(order.at(-1)?.bytes.toString()).toContain('exportfs');
});

test('a file system comes after its checksum, whatever that is called', async () => {
  await using scratch = await makeScratchFolder();
  for (const name of ['btrfs.ko', 'crc32c-cryptoapi.ko']) {
    await writeFile(join(scratch.path, name), moduleNeeding());
  }
  const kernel = { release: 'x', modules: await findModuleFiles(scratch.path), config: null };
  const order = await modulesInLoadOrder(kernel, ['btrfs']);
  expect(order.map(({ name }) => name)).toEqual(['crc32c_cryptoapi', 'btrfs']);
});

test('a module that is neither built nor built in names the missing option', async () => {
  const modules = new Map<string, string>();
  const kernel = (value?: string) => ({
    release: '6.1',
    modules,
    config: new Map(value === undefined ? [] : [['CONFIG_OVERLAY_FS', value]]),
  });
  await expect(modulesInLoadOrder(kernel('y'), ['overlay'])).resolves.toEqual([]);
  await expect(modulesInLoadOrder(kernel(), ['overlay'])).rejects.toThrow(
    /CONFIG_OVERLAY_FS is not/,
  );
  await expect(modulesInLoadOrder(kernel('m'), ['overlay'])).rejects.toThrow(/file is not there/);
});
