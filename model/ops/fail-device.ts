import { defineOp } from './op.ts';

/**
 * Whatever is written to the device under the upper layer is EIO from now on, but for tables of its
 * file system. Before that all names are written, and no data.
 */
export const failDevice = defineOp({
  args: {},
  syscall: 'recipe',
  result: 'none',

  predict({ world, rule }) {
    const { faults, byIno } = world.fs;
    rule('fault/data-is-lost');
    if (faults === null || faults.isFailing) return { ok: true, value: null };
    for (const real of byIno.values()) if (real.type === 'dir') real.dirtyPages?.clear();
    faults.isFailing = true;
    return { ok: true, value: null };
  },
});
