import { PAGE_BYTES } from '../flags.ts';
import { syncMapping } from '../overlay/sync.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const msync = defineOp({
  args: { map: 'map', size: 'size', flags: 'msyncFlags' },
  syscall: ['msync', '$map', '$size', '$flags'],
  result: 'none',

  predict(context, { map, size, flags }) {
    const { world } = context;
    if (flags.includes('MS_ASYNC') && flags.includes('MS_SYNC')) return fail('EINVAL');
    const pages = world.maps[map]?.pages ?? 0;
    if (size > pages * PAGE_BYTES) return fail('ENOMEM');
    const mapping = world.maps[map];
    if (mapping == null || !flags.includes('MS_SYNC')) return succeed(null);
    return syncMapping(context, mapping, size) ?? succeed(null);
  },
});
