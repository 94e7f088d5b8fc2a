import { mountNfs } from '../overlay/nfs.ts';
import { defineOp } from './op.ts';

/**
 * The kernel's own NFS server exports the overlay, and its own client mounts that, until the
 * overlay is unmounted. All that was open beside the overlay is closed before.
 */
export const nfsMount = defineOp({
  args: { version: 'nfsVersion' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { version }) {
    return mountNfs(context, version);
  },
});
