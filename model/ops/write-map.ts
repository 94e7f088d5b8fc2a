import { writeMapping } from '../memory.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const writeMap = defineOp({
  args: { map: 'map', offset: 'offset', bytes: 'bytes' },
  syscall: 'recipe',
  result: 'count',

  predict({ world, rule }, { map, offset, bytes }) {
    if (bytes === '') return succeed(0);
    const mapping = world.maps[map];
    if (mapping == null) return fail('EFAULT');
    if (mapping.isShared) rule('mmap/first-write-stamps');
    const count = writeMapping(world.fs, mapping, offset, bytes);
    return count === 0 ? fail('EFAULT') : succeed(count);
  },
});
