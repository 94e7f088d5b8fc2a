import fc from 'fast-check';
import type { ArgKinds } from '../model/ops/op.ts';
import { weighted } from './weighted.ts';

/** Arguments of what happens around the mount. */
export const AROUND_ARBITRARIES = {
  copyKeeps: weighted<ArgKinds['copyKeeps']>([
    [5, ['xattrs', 'links']],
    [2, ['links']],
    [2, ['xattrs']],
    [1, []],
  ]),
  replacement: weighted<ArgKinds['replacement']>([
    [5, ['xattrs', 'links']],
    [2, ['links']],
    [2, ['xattrs']],
    [2, 'empty'],
  ]),
  workFate: weighted<ArgKinds['workFate']>([
    [3, 'stays'],
    [2, 'emptied'],
  ]),
  otherFs: weighted<number>([
    [2, 0],
    [2, 1],
    [1, 2],
  ]),
  besideChange: weighted<ArgKinds['besideChange']>([
    [1, 'none'],
    [3, 'create'],
    [3, 'write'],
    [3, 'chmod'],
    [4, 'unlink'],
    [2, 'rmdir'],
  ]),
  beneathChange: fc.constantFrom<ArgKinds['beneathChange'][]>('unlink', 'unlink', 'mkfifo'),
  beneathCall: fc.constantFrom<ArgKinds['beneathCall'][]>(
    ...(['unlink', 'mkdir', 'mkfifo', 'rename'] as const),
  ),
  takenLayers: fc.constantFrom<ArgKinds['takenLayers'][]>(
    ...(['upper', 'work', 'upper and work', 'upper as lower'] as const),
  ),
  watchCaches: weighted<ArgKinds['watchCaches']>([
    [2, 'kept'],
    [1, 'dropped'],
  ]),
  watchedChange: weighted<ArgKinds['watchedChange']>([
    [4, 'unlink'],
    [2, 'rmdir'],
    [5, 'rename'],
    [2, 'exchange'],
    [2, 'link'],
    [1, 'mkdir'],
    [4, 'write'],
    [2, 'truncate'],
    [2, 'chmod'],
    [1, 'setxattr'],
  ]),
  outside: fc.nat(3),
  newOutside: fc.nat(3),
  outsidePlace: fc.constantFrom<ArgKinds['outsidePlace'][]>('upper', 'upper', 'second'),
  nfsVersion: fc.constantFrom<ArgKinds['nfsVersion'][]>('nfs3', 'nfs40', 'nfs42'),
  syncCall: fc.constantFrom<ArgKinds['syncCall'][]>('fsync', 'fdatasync', 'syncfs', 'FIEMAP'),
  mountAccess: fc.constantFrom<ArgKinds['mountAccess'][]>('ro', 'ro', 'rw'),
  lowerOrder: weighted<ArgKinds['lowerOrder']>([
    [4, 'as they are'],
    [1, 'reversed'],
  ]),
  layer: fc.constantFrom<ArgKinds['layer']>('upper', 0, 1),
  mountOptions: fc.constantFrom(
    'redirect_dir=off,index=off,metacopy=off,nfs_export=off',
    'redirect_dir=off,index=on,metacopy=off,nfs_export=off',
    'redirect_dir=off,index=on,metacopy=off,nfs_export=on',
    'redirect_dir=off,index=off,metacopy=off,nfs_export=on',
  ),
} as const satisfies { readonly [K in keyof ArgKinds]?: fc.Arbitrary<ArgKinds[K]> };
