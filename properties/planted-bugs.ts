import { isWhiteout, removeName, setXattr } from '../model/layer.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName } from '../model/ops/index.ts';
import type { Context } from '../model/ops/op.ts';
import { topOf } from '../model/overlay/inode.ts';
import { succeed } from '../model/prediction.ts';
import type { Prediction } from '../model/prediction.ts';
import type { OpsTable } from '../model/stage.ts';
import type { OvlInode, RealInode } from '../model/state.ts';
import { resolvePlace } from '../model/walk.ts';
import type { Place } from '../model/walk.ts';

/** A kernel bug that the model can play, and how small a scenario shows it. */
export interface PlantedBug {
  readonly says: string;
  readonly ops: OpsTable;
  /** Steps of the shortest scenario that it shrinks to. */
  readonly steps: number;
}

/** Bugs in every area: each must be found and shrunk to the few steps that matter. */
export const PLANTED_BUGS: Readonly<Record<string, PlantedBug>> = {
  'protection-is-forgotten': bug(2, 'Nothing on disk says immutable.', 'toggleXflags', {
    toggleXflags(context, args) {
      const result = OPS.toggleXflags.predict(context, args);
      const upper = context.world.slots[args.fd]?.inode.upper;
      upper?.xattrs.delete('trusted.overlay.protattr');
      return result;
    },
  }),
  'unlink-forgets-whiteout': bug(1, 'Removing a lower name hides nothing.', 'unlink', {
    unlink(context, args) {
      const place = placeOf(context, args.path);
      const result = OPS.unlink.predict(context, args);
      if (result.ok) removeWhiteout(context, place);
      return result;
    },
  }),
  'rename-forgets-whiteout': bug(1, 'A renamed lower file stays at its old name too.', 'rename', {
    rename(context, args) {
      const place = placeOf(context, args.from);
      const result = OPS.rename.predict(context, args);
      if (result.ok) removeWhiteout(context, place);
      return result;
    },
  }),
  'handle-forgets-origin': bug(1, 'A handle names the copy, not the origin.', 'encodeHandle', {
    encodeHandle(context, args) {
      const place = placeOf(context, args.path);
      const result = OPS.encodeHandle.predict(context, args);
      const upper = place?.dentry.inode?.upper ?? null;
      if (!result.ok || upper === null) return result;
      return succeed({ ...result.value, ino: upper.ino, isUpper: true });
    },
  }),
  'rmdir-removes-non-empty': bug(1, 'An upper directory goes with all that is in it.', 'rmdir', {
    rmdir(context, args) {
      const result = OPS.rmdir.predict(context, args);
      const { inode = null } = placeOf(context, args.path)?.dentry ?? {};
      const isFull = !result.ok && result.anyOf.includes('ENOTEMPTY');
      if (!isFull || inode?.lowers.length !== 0) return result;
      inode.upper?.entries.clear();
      return OPS.rmdir.predict(context, args);
    },
  }),
  'mkdir-not-opaque': bug(1, 'A directory made over a whiteout shows what is below.', 'mkdir', {
    mkdir(context, args) {
      const result = OPS.mkdir.predict(context, args);
      const upper = upperOf(context, args.path);
      if (result.ok) upper?.xattrs.delete('trusted.overlay.opaque');
      return result;
    },
  }),
  'link-keeps-nlink': bug(1, 'A new link does not count.', 'link', {
    link(context, args) {
      const result = OPS.link.predict(context, args);
      const upper = upperOf(context, args.to);
      if (result.ok && upper !== null) upper.nlink--;
      return result;
    },
  }),
  'chmod-loses-xattrs': bug(1, 'Copy-up by chmod leaves xattrs behind.', 'chmod', {
    chmod: (context, args) =>
      afterCopyUp(
        context,
        args.path,
        () => OPS.chmod.predict(context, args),
        ({ upper }) => {
          upper?.xattrs.delete('user.a');
        },
      ),
  }),
  'chown-changes-mtime': bug(1, 'Copy-up by chown does not keep the time.', 'chown', {
    chown: (context, args) =>
      afterCopyUp(
        context,
        args.path,
        () => OPS.chown.predict(context, args),
        ({ upper }) => {
          if (upper !== null) upper.mtime = context.world.fs.now;
        },
      ),
  }),
  'utimens-changes-ino': bug(1, 'Copy-up by utimensat changes the inode number.', 'utimens', {
    utimens: (context, args) =>
      afterCopyUp(
        context,
        args.path,
        () => OPS.utimens.predict(context, args),
        (inode) => {
          Object.assign(inode, { hasConstIno: false });
        },
      ),
  }),
  'chmod-by-anyone': bug(1, 'Everybody may change every mode.', 'chmod', {
    chmod: (context, args) => OPS.chmod.predict({ ...context, caller: { uid: 0, gid: 0 } }, args),
  }),
  'exchange-is-rename': bug(1, 'RENAME_EXCHANGE moves one way only.', 'rename', {
    rename: (context, args) =>
      OPS.rename.predict(context, {
        ...args,
        flags: args.flags.filter((flag) => flag !== 'RENAME_EXCHANGE'),
      }),
  }),
  'open-truncates-nothing': bug(1, 'O_TRUNC is forgotten.', 'open', {
    open: (context, args) =>
      OPS.open.predict(context, {
        ...args,
        flags: args.flags.filter((flag) => flag !== 'O_TRUNC'),
      }),
  }),
  'setxattr-ignores-create': bug(1, 'XATTR_CREATE replaces.', 'setxattr', {
    setxattr: (context, args) => OPS.setxattr.predict(context, { ...args, flags: [] }),
  }),
  'write-keeps-mtime': bug(2, 'Writing does not change the time.', 'write', {
    write(context, args) {
      const upper = context.world.slots[args.fd]?.inode.upper ?? null;
      const mtime = upper?.mtime;
      const result = OPS.write.predict(context, args);
      if (upper !== null && mtime !== undefined) upper.mtime = mtime;
      return result;
    },
  }),
  'append-writes-at-start': bug(2, 'O_APPEND is forgotten.', 'write', {
    write(context, args) {
      const { slots } = context.world;
      const file = slots[args.fd];
      if (file?.flags.has('O_APPEND') !== true) return OPS.write.predict(context, args);
      const flags = new Set([...file.flags].filter((flag) => flag !== 'O_APPEND'));
      slots[args.fd] = { ...file, flags };
      const result = OPS.write.predict(context, args);
      slots[args.fd] = file;
      return result;
    },
  }),
  'ftruncate-keeps-capability': bug(2, 'Truncating leaves capabilities.', 'ftruncate', {
    ftruncate(context, args) {
      const inode = context.world.slots[args.fd]?.inode;
      const upper = inode === undefined ? null : topOf(inode);
      const capability = upper?.xattrs.get('security.capability');
      const result = OPS.ftruncate.predict(context, args);
      if (result.ok && upper !== null && capability !== undefined) {
        setXattr(context.world.fs, upper, 'security.capability', capability);
      }
      return result;
    },
  }),
  'seek-finds-no-hole': bug(2, 'SEEK_HOLE sees data everywhere.', 'lseek', {
    lseek(context, args) {
      const result = OPS.lseek.predict(context, args);
      const file = context.world.slots[args.fd];
      if (!result.ok || args.whence !== 'SEEK_HOLE' || file == null) return result;
      return succeed(topOf(file.inode).content.length);
    },
  }),
  'close-keeps-open': bug(3, 'A closed descriptor still works.', 'close', {
    close(context, { fd }) {
      const file = context.world.slots[fd] ?? null;
      const result = OPS.close.predict(context, { fd });
      context.world.slots[fd] = file;
      return result;
    },
  }),
  'listing-loses-a-name': bug(3, 'A listing ends one name too early.', 'getdents', {
    getdents(context, args) {
      const result = OPS.getdents.predict(context, args);
      if (!result.ok) return result;
      const must = new Map(result.value.must);
      for (const name of must.keys()) {
        if (name === '.' || name === '..') continue;
        must.delete(name);
        break;
      }
      return { ...result, value: { ...result.value, must } };
    },
  }),
  'stale-name-is-copied-up': {
    says: 'An open file that lost its name is copied up to it nevertheless.',
    steps: 3,
    ops: {
      ...OPS,
      fchmod: withoutEexist(OPS.fchmod),
      fchown: withoutEexist(OPS.fchown),
      futimens: withoutEexist(OPS.futimens),
      fsetxattr: {
        ...OPS.fsetxattr,
        predict: (context, args) =>
          args.flags.includes('XATTR_CREATE')
            ? OPS.fsetxattr.predict(context, args)
            : withoutEexist(OPS.fsetxattr).predict(context, args),
      },
    },
  },
};

/** A kernel that has several of them, each in an operation of its own. */
export function withBugs(...names: readonly string[]): OpsTable {
  const wrong = names.map((name) => {
    const ops = Object.entries(PLANTED_BUGS[name]?.ops ?? {});
    return ops.filter(([op, one]) => !Object.is(one, OPS[op as OpName])); // Its keys are those.
  });
  const changed = wrong.flat();
  if (
    wrong.some(({ length }) => length === 0) ||
    new Set(changed.map(([op]) => op)).size < changed.length
  ) {
    throw new RangeError(`no bugs that can be together: ${names.join(', ')}`);
  }
  return { ...OPS, ...Object.fromEntries(changed) };
}

/** The same operation, but where it must fail as the name is taken it says that it went well. */
function withoutEexist<A, O extends Settles<A>>(op: O): O {
  return {
    ...op,
    predict(context, args) {
      const result = op.predict(context, args);
      return !result.ok && result.anyOf.includes('EEXIST') ? succeed(null) : result;
    },
  };
}

interface Settles<A> {
  predict(context: Context, args: A): Prediction<null>;
}

type Wrong<N extends OpName> = { readonly [K in N]: (typeof OPS)[K]['predict'] };

function bug<N extends OpName>(steps: number, says: string, op: N, wrong: Wrong<N>): PlantedBug {
  return { says, steps, ops: { ...OPS, [op]: { ...OPS[op], predict: wrong[op] } } };
}

function placeOf(context: Context, path: string): Place | null {
  const place = resolvePlace(context, path, { follow: false });
  return place.ok ? place.value : null;
}

function upperOf(context: Context, path: string): RealInode | null {
  return placeOf(context, path)?.dentry.inode?.upper ?? null;
}

function removeWhiteout({ world }: Context, place: Place | null): void {
  const dir = place?.parent.inode?.upper;
  const entry = dir?.entries.get(place?.name ?? '');
  if (dir != null && place !== null && entry !== undefined && isWhiteout(entry)) {
    removeName(world.fs, dir, place.name);
    place.parent.children.delete(place.name);
  }
}

/** Makes a call, and spoils what it copied up. */
function afterCopyUp<T>(
  context: Context,
  path: string,
  call: () => T,
  spoil: (inode: OvlInode) => void,
): T {
  const place = resolvePlace(context, path, { follow: true });
  const inode = place.ok ? place.value?.dentry.inode : null;
  const wasLower = inode?.upper === null;
  const result = call();
  if (inode != null && wasLower && inode.upper !== null) spoil(inode);
  return result;
}
