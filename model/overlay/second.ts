import { writeContent } from '../content.ts';
import type { OutsideFile } from '../faults.ts';
import { tellOfFile, tellOfFs } from '../faults.ts';
import { BOUND } from '../flags.ts';
import { touchMtime } from '../layer.ts';
import { writeBack } from '../memory.ts';
import { closeSlot } from '../open-file.ts';
import type { ArgKinds, Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { World } from '../state.ts';
import { dropPrivileges } from './privileges.ts';
import { mountAnother, pointsBeside } from './beside.ts';
import { isVolatile, readFile, writeFile } from './file.ts';
import { callByNfs } from './nfs.ts';
import { syncFile, syncFileSystem, syncNames } from './sync.ts';

/** Where an overlay keeps its changes that stays mounted beside the first one. */
export const SECOND = { upper: 'u8', work: 'w8' } as const;

export function secondMount(context: Context, options: string): Prediction<null> {
  const { world, rule } = context;
  isByRoot(context);
  world.outside.fill(null);
  if (world.second !== null && !isVolatile(world.second.overlay)) {
    writeBack(world, () => true);
    syncNames(world);
  }
  world.second = null;
  const points = pointsBeside(world, SECOND);
  const mounted = mountAnother(context, points, options);
  if (!mounted.ok) return mounted;
  rule('beside/shares-lowers');
  world.second = {
    ...world,
    ...{ points, options, overlay: mounted.value.overlay, program: null, nfs: null },
    slots: new Array<null>(BOUND.slots).fill(null),
    maps: world.maps.map(() => null),
  };
  return succeed(null);
}

/** What somebody else would be allowed is not asked. */
export function isByRoot({ world, caller }: Context): void {
  if (caller.uid !== 0) world.isOrderOpen = true;
}

/** Writes to what is open beside the overlay. */
export function writeOutside(
  context: Context,
  outside: number,
  bytes: string,
  offset: number,
): Prediction<number> {
  const { world } = context;
  const file = world.outside[outside];
  if (file == null) return fail('EBADF');
  if (file.second !== null) {
    const { second } = file;
    return inSecond(context, (inner) => writeFile(inner, second, bytes, offset));
  }
  if (offset < 0) return fail('EINVAL');
  if (!file.canWrite) return fail('EBADF');
  if (bytes === '') return succeed(0);
  if (file.nfs !== null) {
    const how = { handle: file.nfs.handle, flag: 'O_WRONLY' } as const;
    return callByNfs(context, outside, how, (fd) => writeFile(context, fd, bytes, offset));
  }
  dropPrivileges(context, file.real);
  writeContent(file.real, offset, bytes);
  touchMtime(world.fs, file.real);
  return succeed(bytes.length);
}

/** Reads what is open beside the overlay. */
export function readOutside(
  context: Context,
  outside: number,
  size: number,
  offset: number,
): Prediction<string> {
  const file = context.world.outside[outside];
  if (file == null) return fail('EBADF');
  if (file.second !== null) {
    const { second } = file;
    return inSecond(context, (inner) => readFile(inner, second, size, offset));
  }
  if (offset < 0) return fail('EINVAL');
  if (file.real.type === 'dir') return fail('EISDIR');
  if (file.nfs === null) return succeed(file.real.content.bytes(offset, offset + size));
  const how = { handle: file.nfs.handle, flag: 'O_RDONLY' } as const;
  return callByNfs(context, outside, how, (fd) => readFile(context, fd, size, offset));
}

export function closeOutside({ world }: Context, outside: number): Prediction<null> {
  const file = world.outside[outside];
  if (file == null) return fail('EBADF');
  if (file.second !== null && world.second !== null) closeSlot(world.second, file.second);
  if (file.nfs !== null && world.nfs !== null) world.nfs.served[outside] = null;
  world.outside[outside] = null;
  return succeed(null);
}

export function syncOutside(
  context: Context,
  outside: number,
  how: ArgKinds['syncCall'],
): Prediction<null> {
  const { world, rule } = context;
  const file = world.outside[outside];
  if (file == null) return fail('EBADF');
  if (file.nfs !== null) {
    // Its client writes at once, and the server waits until that is on the disk.
    return how === 'FIEMAP' ? fail('EOPNOTSUPP') : succeed(null);
  }
  if (how === 'FIEMAP') {
    writeBack(world, (real) => real === file.real);
    return { ok: true, value: null, unless: ['EIO'] };
  }
  if (file.second !== null) {
    const { second } = file;
    const what = how === 'fdatasync' ? 'data' : 'data and attributes';
    return inSecond(context, (inner) =>
      how === 'syncfs' ? syncFileSystem(inner, second) : syncFile(inner, second, what),
    );
  }
  rule('sync/plain-file-system');
  return syncUpper(world, file, how);
}

function syncUpper(
  world: World,
  { real, errors }: OutsideFile,
  how: ArgKinds['syncCall'],
): Prediction<null> {
  if (how === 'syncfs') {
    writeBack(world, () => true);
    syncNames(world);
    return tellOfFs(world.fs, errors) ?? succeed(null);
  }
  writeBack(world, (other) => other === real);
  const told = tellOfFile(world.fs, real, errors);
  if (told === null) syncNames(world, [real]);
  return told ?? succeed(null);
}

/** Does something in the second overlay. */
export function inSecond<T>(
  context: Context,
  call: (inner: Context) => Prediction<T>,
): Prediction<T> {
  const { world } = context;
  const { second } = world;
  if (second === null) return fail('EBADF');
  const result = call({ ...context, world: second });
  world.isOrderOpen ||= second.isOrderOpen;
  return result;
}
