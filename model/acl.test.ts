import { describe, expect, test } from 'vitest';
import { ACCESS_ACL, DEFAULT_ACL } from './acl-names.ts';
import { changeModeOfAcl, inherit, parseAcl } from './acl.ts';
import { permitsByAcl, printAcl, storeAcl, whyInvalid } from './acl.ts';
import type { Acl } from './acl.ts';
import { newFs } from './file-system.ts';
import { newInode } from './layer.ts';
import { resolveProfile } from './semantics/resolve.ts';

const NO_ID = 0xffff_ffff;
const OWNER = { tag: 1, perm: 7, id: NO_ID } as const;
const NAMED = { tag: 2, perm: 6, id: 1000 } as const;
const GROUP = { tag: 4, perm: 5, id: NO_ID } as const;
const MASK = { tag: 16, perm: 4, id: NO_ID } as const;
const OTHER = { tag: 32, perm: 1, id: NO_ID } as const;
const PLAIN: Acl = [OWNER, GROUP, OTHER];
const FULL: Acl = [OWNER, NAMED, GROUP, MASK, OTHER];

const fs = newFs(resolveProfile('linux-6.12'));

function file(mode: number): ReturnType<typeof newInode> {
  return newInode(fs, { type: 'file', mode, uid: 5, gid: 6 });
}

test('a list is read as it is printed', () => {
  expect(parseAcl(printAcl(FULL))).toEqual({ ok: true, value: FULL });
  expect(parseAcl('\x02\0\0\0')).toEqual({ ok: true, value: null });
  expect(parseAcl('\x03\0\0\0')).toEqual({ ok: false, anyOf: ['EOPNOTSUPP'] });
  expect(parseAcl(printAcl(FULL).slice(0, -1))).toEqual({ ok: false, anyOf: ['EINVAL'] });
});

test('a valid list has its parts in order, and a mask when it names somebody', () => {
  expect(whyInvalid(PLAIN)).toBeNull();
  expect(whyInvalid(FULL)).toBeNull();
  const invalid = [[], [OWNER], [OWNER, NAMED, GROUP, OTHER], [GROUP, OWNER, OTHER]];
  for (const acl of [...invalid, [OWNER, OWNER, GROUP, OTHER]]) {
    expect(whyInvalid(acl), JSON.stringify(acl)).toEqual({ ok: false, anyOf: ['EINVAL'] });
  }
});

describe('an access list', () => {
  test('that says no more than the mode becomes the mode', () => {
    const inode = file(0o4600);
    storeAcl(fs, inode, ACCESS_ACL, PLAIN);
    expect([inode.mode, inode.xattrs.size]).toEqual([0o4751, 0]);
  });

  test('lends the mode its mask, which chmod changes', () => {
    const inode = file(0o600);
    storeAcl(fs, inode, ACCESS_ACL, FULL);
    expect(inode.mode).toBe(0o741);
    inode.mode = 0o620;
    changeModeOfAcl(inode);
    const changed = [{ ...OWNER, perm: 6 }, NAMED, GROUP, { ...MASK, perm: 2 }];
    expect(inode.xattrs.get(ACCESS_ACL)).toBe(printAcl([...changed, { ...OTHER, perm: 0 }]));
  });

  test('asks named users first, then groups, then others, all but these within the mask', () => {
    const inode = file(0o741);
    const may = (uid: number, gid: number, want: number): boolean =>
      permitsByAcl(FULL, inode, { uid, gid }, want);
    expect([may(1000, 6, 4), may(1000, 6, 2), may(9, 6, 4), may(9, 6, 1), may(9, 9, 1)]).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });
});

test('a default list replaces the umask, and directories hand it on', () => {
  const dir = newInode(fs, { type: 'dir', mode: 0o755, uid: 0, gid: 0 });
  storeAcl(fs, dir, DEFAULT_ACL, FULL);
  const made = file(0o666);
  inherit(dir, made, 0o777);
  expect(made.mode).toBe(0o640);
  expect([...made.xattrs.keys()]).toEqual([ACCESS_ACL]);
  const below = newInode(fs, { type: 'dir', mode: 0o777, uid: 0, gid: 0 });
  inherit(dir, below, 0o777);
  expect(below.xattrs.get(DEFAULT_ACL)).toBe(printAcl(FULL));
  const plain = file(0o666);
  inherit(newInode(fs, { type: 'dir', mode: 0o755, uid: 0, gid: 0 }), plain, 0o022);
  expect([plain.mode, plain.xattrs.size]).toEqual([0o644, 0]);
});
