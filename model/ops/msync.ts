import { PAGE_BYTES } from '../flags.ts';
import { writeBack } from '../memory.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const msync = defineOp({
  args: { map: 'map', size: 'size', flags: 'msyncFlags' },
  syscall: ['msync', '$map', '$size', '$flags'],
  result: 'none',

  predict({ world }, { map, size, flags }) {
    if (flags.includes('MS_ASYNC') && flags.includes('MS_SYNC')) return fail('EINVAL');
    const pages = world.maps[map]?.pages ?? 0;
    if (size > pages * PAGE_BYTES) return fail('ENOMEM');
    const real = world.maps[map]?.real;
    if (flags.includes('MS_SYNC')) writeBack(world, (other) => other === real);
    return succeed(null);
  },
});
