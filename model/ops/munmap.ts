import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const munmap = defineOp({
  args: { map: 'map' },
  syscall: ['munmap', '$map', 'MAP_BYTES'],
  result: 'none',

  predict({ world }, { map }) {
    world.maps[map] = null;
    return succeed(null);
  },
});
