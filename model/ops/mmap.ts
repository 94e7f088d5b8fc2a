import { PAGE_BYTES } from '../flags.ts';
import { usableFile } from '../overlay/file.ts';
import { isAppendOnly } from '../overlay/protection.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** Maps a file; what the slot held is unmapped first. */
export const mmap = defineOp({
  args: {
    map: 'newMap',
    fd: 'fd',
    offset: 'offset',
    size: 'size',
    protection: 'protection',
    sharing: 'mapSharing',
  },
  syscall: 'recipe',
  result: 'none',

  predict(context, { map, fd, offset, size, protection, sharing }) {
    const { world, environment, semantics, rule } = context;
    world.maps[map] = null;
    if (offset % PAGE_BYTES !== 0) return fail('EINVAL');
    const opened = usableFile(context, fd);
    if (!opened.ok) return opened;
    const file = opened.value;
    if (size === 0) return fail('EINVAL');
    if (offset < 0 && file.inode.type === 'file') return fail('EOVERFLOW');
    const writes = protection.includes('PROT_WRITE');
    const isShared = sharing === 'MAP_SHARED';
    if (isShared && writes && !file.canWrite) return fail('EACCES');
    if (isShared && file.canWrite && isAppendOnly(file.inode)) return fail('EACCES');
    if (!file.canRead) return fail('EACCES');
    if (file.inode.type !== 'file') return fail('ENODEV');
    rule('mmap/file-of-open-time');
    const keepsName =
      file.real.base !== 'overlay' || semantics.behaviour.nestedMapping === 'in use';
    world.maps[map] = {
      dentry: keepsName ? file.dentry : null,
      inode: file.inode,
      real: file.real,
      ...(file.errors === undefined ? {} : { errors: file.errors }),
      isShared,
      isOfWriter: file.canWrite,
      canRead: protection.length > 0,
      canFaultToRead: protection.includes('PROT_READ') || (writes && environment.writeImpliesRead),
      canWrite: writes,
      firstPage: offset / PAGE_BYTES,
      pages: Math.ceil(size / PAGE_BYTES),
      touched: new Set(),
      doubtful: new Set(),
      present: new Set(),
      copies: new Map(),
    };
    return succeed(null);
  },
});
