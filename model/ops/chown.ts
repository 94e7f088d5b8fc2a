import { defineOp } from './op.ts';

export const chown = defineOp({
  args: { path: 'path', uid: 'owner', gid: 'owner' },
  syscall: ['fchownat', 'AT_FDCWD', '$path', '$uid', '$gid', 0],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
