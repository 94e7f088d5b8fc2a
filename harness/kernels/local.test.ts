import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeScratchFolder } from '../scratch.ts';
import { kernelAtPath, releaseInSetup } from './local.ts';

const CONFIG = ['OVERLAY_FS', 'TMPFS', 'TMPFS_XATTR', 'DEVTMPFS', 'BLK_DEV_INITRD', 'PROC_FS']
  .concat(['SYSFS', 'PCI', 'VIRTIO_PCI', 'VIRTIO_CONSOLE', 'TMPFS_POSIX_ACL', 'BINFMT_ELF'])
  .concat(['MULTIUSER', 'FHANDLE', 'FILE_LOCKING', 'INOTIFY_USER'])
  .map((name) => `CONFIG_${name}=y\n`)
  .join('');

test('the release of an image is read from its setup header', () => {
  const setup = Buffer.alloc(0x1000);
  setup.write('HdrS', 0x202, 'latin1');
  setup.writeUInt16LE(0x100, 0x20e);
  setup.write('6.12.1-mine (me@here) #1 SMP\0', 0x300, 'latin1');
  expect(releaseInSetup(setup)).toBe('6.12.1-mine');
  expect(releaseInSetup(Buffer.alloc(0x1000))).toBeNull();
  expect(releaseInSetup(Buffer.alloc(3))).toBeNull();
});

test('a build tree gives its image, its release and the modules that it has built', async () => {
  await using scratch = await makeScratchFolder();
  const tree = scratch.path;
  const image = join(tree, 'arch/x86/boot/bzImage');
  await mkdir(join(tree, 'arch/x86/boot'), { recursive: true });
  await mkdir(join(tree, 'include/config'), { recursive: true });
  await writeFile(image, 'image');
  await writeFile(join(tree, '.config'), CONFIG);
  await writeFile(join(tree, 'include/config/kernel.release'), '6.18.0-rc1+\n');
  await writeFile(join(tree, 'modules.order'), 'fs/overlayfs/overlay.o\n');
  const kernel = await kernelAtPath(tree, 'vm');
  expect(kernel).toMatchObject({ release: '6.18.0-rc1+', imagePath: image, source: 'tree' });
  expect(kernel.modules.get('overlay')).toBe(join(tree, 'fs/overlayfs/overlay.ko'));
});

test('a build tree without what we need says which options are missing', async () => {
  await using scratch = await makeScratchFolder();
  const config = join(scratch.path, '.config');
  await writeFile(config, CONFIG.replace(/CONFIG_VIRTIO_CONSOLE=y\n/, ''));
  await expect(kernelAtPath(scratch.path, 'vm')).rejects.toThrow(
    /without CONFIG_VIRTIO_CONSOLE: scripts.config -e VIRTIO_CONSOLE &&/,
  );
  await writeFile(config, CONFIG);
  await expect(kernelAtPath(scratch.path, 'vm')).rejects.toThrow(/not built/);
  await writeFile(config, `${CONFIG}CONFIG_UML=y\n`);
  await expect(kernelAtPath(scratch.path, 'vm')).rejects.toThrow(/--backend uml/);
});

test('a folder that is no build tree, or nothing at all, is refused', async () => {
  await using scratch = await makeScratchFolder();
  await expect(kernelAtPath(scratch.path, 'vm')).rejects.toThrow(/no \.config/);
  await expect(kernelAtPath(join(scratch.path, 'x'), 'vm')).rejects.toThrow(/does not exist/);
});
