import { profileOf } from '../bases.ts';
import type { ToldFlag } from '../flags.ts';
import { usableFile } from '../overlay/file.ts';
import { flaggedOf, getFlags, setFlags } from '../overlay/flag-calls.ts';
import { whyUntold } from '../overlay/told.ts';
import { defineOp } from './op.ts';

/** Reads the flags that all file systems have, changes some and writes them back. */
export const toggleXflags = defineOp({
  args: { fd: 'fd', flags: 'fileXflags' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { fd, flags }) {
    const file = usableFile(context, fd);
    if (!file.ok) return file;
    const untold = whyUntold(context, file.value);
    if (untold !== null) return untold;
    const old = getFlags(context, file.value.inode);
    const { flagsUnsupported, toldXflags } = context.semantics.behaviour;
    const isAskedLater = flagsUnsupported === 'after copy-up';
    if (!old.ok && !isAskedLater) return old;
    // What else the object had is handed on, even to an upper file system that knows nothing of it,
    // unless that looks elsewhere; but not where the call goes to the real file as it is.
    const { world } = context;
    const { upper } = world.overlay;
    const isLeftAside = upper !== null && profileOf(upper).ignoresOtherXflags;
    const real = flaggedOf(context, file.value.inode);
    const { ownFlags, tellsMoreXflags } = profileOf(real);
    const others = isAskedLater || isLeftAside ? [] : ownFlags;
    const isRefused = toldXflags === 'are refused' && !isLeftAside;
    const more = isRefused && tellsMoreXflags(real);
    const foreign = more === true ? (['FS_XFLAG_HASATTR'] as const) : others;
    const wanted = new Set<ToldFlag>(old.ok ? [...old.value, ...foreign] : []);
    for (const flag of new Set(flags)) if (!wanted.delete(flag)) wanted.add(flag);
    const set = setFlags(context, file.value, wanted, 'FS_IOC_FSSETXATTR');
    if (!old.ok || !set.ok || more !== 'perhaps' || upper === null) return old.ok ? set : old;
    if (profileOf(upper).ownFlags.length > 0) return set;
    // Nothing is predicted after it.
    world.isOrderOpen = true;
    return { ...set, unless: ['EOPNOTSUPP'] };
  },
});
