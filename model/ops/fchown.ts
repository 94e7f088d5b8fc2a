import { defineOp } from './op.ts';

export const fchown = defineOp({
  args: { fd: 'fd', uid: 'owner', gid: 'owner' },
  syscall: ['fchown', '$fd', '$uid', '$gid'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
