import { access } from './access.ts';
import { changeBeneath } from './change-beneath.ts';
import { chmod } from './chmod.ts';
import { chown } from './chown.ts';
import { clone } from './clone.ts';
import { close } from './close.ts';
import { copyFileRange } from './copy-file-range.ts';
import { crash } from './crash.ts';
import { dedupe } from './dedupe.ts';
import { dropCaches } from './drop-caches.ts';
import { encodeFdHandle } from './encode-fd-handle.ts';
import { encodeHandle } from './encode-handle.ts';
import { execute } from './execute.ts';
import { fadvise } from './fadvise.ts';
import { fillUp } from './fill-up.ts';
import { failDevice } from './fail-device.ts';
import { fallocate } from './fallocate.ts';
import { fchmod } from './fchmod.ts';
import { fchmodat2 } from './fchmodat2.ts';
import { fchown } from './fchown.ts';
import { fdPath } from './fd-path.ts';
import { fdatasync } from './fdatasync.ts';
import { fgetxattr } from './fgetxattr.ts';
import { flock } from './flock.ts';
import { fremovexattr } from './fremovexattr.ts';
import { fsetxattr } from './fsetxattr.ts';
import { fsIoctl } from './fs-ioctl.ts';
import { fstat } from './fstat.ts';
import { fsync } from './fsync.ts';
import { ftruncate } from './ftruncate.ts';
import { futimens } from './futimens.ts';
import { getFlags } from './get-flags.ts';
import { getXflags } from './get-xflags.ts';
import { getcwd } from './getcwd.ts';
import { getdents } from './getdents.ts';
import { getxattr } from './getxattr.ts';
import { lchown } from './lchown.ts';
import { lease } from './lease.ts';
import { lgetxattr } from './lgetxattr.ts';
import { linkFd } from './link-fd.ts';
import { link } from './link.ts';
import { listxattr } from './listxattr.ts';
import { llistxattr } from './llistxattr.ts';
import { lremovexattr } from './lremovexattr.ts';
import { lseek } from './lseek.ts';
import { lsetxattr } from './lsetxattr.ts';
import { makeRoom } from './make-room.ts';
import { mkdir } from './mkdir.ts';
import { mknod } from './mknod.ts';
import { mmap } from './mmap.ts';
import { mountBeside } from './mount-beside.ts';
import { mountBusy } from './mount-busy.ts';
import { mountOther } from './mount-other.ts';
import { msync } from './msync.ts';
import { munmap } from './munmap.ts';
import { nfsMount } from './nfs-mount.ts';
import { ofdLock } from './ofd-lock.ts';
import { offlineChmod } from './offline-chmod.ts';
import { offlineChownTree } from './offline-chown-tree.ts';
import { offlineChown } from './offline-chown.ts';
import { offlineCopy } from './offline-copy.ts';
import { offlineCreate } from './offline-create.ts';
import { offlineLink } from './offline-link.ts';
import { offlineMkdir } from './offline-mkdir.ts';
import { offlineMknod } from './offline-mknod.ts';
import { offlineRemoveMark } from './offline-remove-mark.ts';
import { offlineRemoveTree } from './offline-remove-tree.ts';
import { offlineRename } from './offline-rename.ts';
import { offlineReplace } from './offline-replace.ts';
import { offlineRmdir } from './offline-rmdir.ts';
import { offlineSetMark } from './offline-set-mark.ts';
import { offlineTruncate } from './offline-truncate.ts';
import { offlineUnlink } from './offline-unlink.ts';
import { offlineWrite } from './offline-write.ts';
import { openHandleCold } from './open-handle-cold.ts';
import { openMadeHandle } from './open-made-handle.ts';
import { openHandle } from './open-handle.ts';
import { open } from './open.ts';
import { openLeased } from './open-leased.ts';
import { openat2 } from './openat2.ts';
import { outsideClose } from './outside-close.ts';
import { outsideOpen } from './outside-open.ts';
import { outsideRead } from './outside-read.ts';
import { outsideSync } from './outside-sync.ts';
import { outsideWrite } from './outside-write.ts';
import { pread } from './pread.ts';
import { pwrite } from './pwrite.ts';
import { pwritev2 } from './pwritev2.ts';
import { readMap } from './read-map.ts';
import { read } from './read.ts';
import { readahead } from './readahead.ts';
import { readlink } from './readlink.ts';
import { mountWith } from './mount-with.ts';
import { reconfigure } from './reconfigure.ts';
import { remount } from './remount.ts';
import { removexattr } from './removexattr.ts';
import { rename } from './rename.ts';
import { reopenFd } from './reopen-fd.ts';
import { repairDevice } from './repair-device.ts';
import { rmdir } from './rmdir.ts';
import { rotate } from './rotate.ts';
import { secondMount } from './second-mount.ts';
import { sendfileTo } from './sendfile-to.ts';
import { sendfile } from './sendfile.ts';
import { setFlags } from './set-flags.ts';
import { setStatusFlags } from './set-status-flags.ts';
import { setxattr } from './setxattr.ts';
import { stat } from './stat.ts';
import { statfs } from './statfs.ts';
import { statx } from './statx.ts';
import { strictRead } from './strict-read.ts';
import { symlink } from './symlink.ts';
import { syncFileRange } from './sync-file-range.ts';
import { sync } from './sync.ts';
import { syncfs } from './syncfs.ts';
import { toggleXflags } from './toggle-xflags.ts';
import { truncate } from './truncate.ts';
import { umask } from './umask.ts';
import { unlink } from './unlink.ts';
import { utimens } from './utimens.ts';
import { watchChange } from './watch-change.ts';
import { watch } from './watch.ts';
import { writeMap } from './write-map.ts';
import { write } from './write.ts';
import type { ArgsOf } from './op.ts';

/** Every operation, by the name used in scenarios, reports and fixtures. */
export const OPS = {
  stat,
  fstat,
  statx,
  open,
  openat2,
  execute,
  reopenFd,
  fdPath,
  close,
  read,
  pread,
  write,
  pwrite,
  pwritev2,
  readahead,
  fadvise,
  syncFileRange,
  lseek,
  ftruncate,
  truncate,
  fallocate,
  copyFileRange,
  clone,
  sendfile,
  sendfileTo,
  getcwd,
  mmap,
  munmap,
  msync,
  readMap,
  writeMap,
  setStatusFlags,
  watch,
  watchChange,
  flock,
  ofdLock,
  lease,
  openLeased,
  strictRead,
  fsIoctl,
  dedupe,
  umask,
  getFlags,
  setFlags,
  getXflags,
  toggleXflags,
  mkdir,
  mknod,
  symlink,
  readlink,
  link,
  linkFd,
  unlink,
  rmdir,
  rename,
  chmod,
  fchmod,
  fchmodat2,
  chown,
  lchown,
  fchown,
  utimens,
  futimens,
  fsync,
  fdatasync,
  syncfs,
  getdents,
  setxattr,
  lsetxattr,
  fsetxattr,
  getxattr,
  lgetxattr,
  fgetxattr,
  listxattr,
  llistxattr,
  removexattr,
  lremovexattr,
  fremovexattr,
  statfs,
  access,
  encodeHandle,
  encodeFdHandle,
  openHandle,
  openHandleCold,
  openMadeHandle,
  dropCaches,
  remount,
  mountOther,
  changeBeneath,
  mountWith,
  mountBeside,
  mountBusy,
  reconfigure,
  rotate,
  crash,
  outsideClose,
  outsideSync,
  outsideRead,
  outsideWrite,
  outsideOpen,
  nfsMount,
  secondMount,
  sync,
  repairDevice,
  fillUp,
  makeRoom,
  failDevice,
  offlineChmod,
  offlineChown,
  offlineRename,
  offlineLink,
  offlineUnlink,
  offlineRmdir,
  offlineMkdir,
  offlineMknod,
  offlineCreate,
  offlineWrite,
  offlineTruncate,
  offlineChownTree,
  offlineCopy,
  offlineRemoveTree,
  offlineReplace,
  offlineSetMark,
  offlineRemoveMark,
};

export type OpName = keyof typeof OPS;

/** Who makes the call; root unless said otherwise. */
export type User = 'root' | 'alice' | 'bob';

/** One step of a scenario: plain data, so that it can be printed, stored and replayed. */
export type Step = {
  [N in OpName]: {
    readonly op: N;
    readonly args: ArgsOf<(typeof OPS)[N]['args']>;
    readonly as?: User;
  };
}[OpName];
