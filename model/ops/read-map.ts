import { PAGE_BYTES } from '../flags.ts';
import { readMapping } from '../memory.ts';
import { dataOf } from '../overlay/inode.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** Reads mapped memory as far as it goes: a fault ends it, and is no error. */
export const readMap = defineOp({
  args: { map: 'map', offset: 'offset', size: 'size' },
  syscall: 'recipe',
  result: 'bytes',

  predict({ world, semantics, rule }, { map, offset, size }) {
    const mapping = world.maps[map];
    if (mapping == null) return succeed('');
    if (dataOf(mapping.inode) !== mapping.real) rule('mmap/no-copy-up-seen');
    const bytes = readMapping(world.fs, mapping, offset, size);
    const isWhole = bytes.length === size || semantics.behaviour.userCopy === 'as far as it goes';
    return succeed(isWhole ? bytes : bytes.slice(0, bytes.length - (bytes.length % PAGE_BYTES)));
  },
});
