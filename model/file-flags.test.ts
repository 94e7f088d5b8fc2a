import { expect, test } from 'vitest';
import { changeFlags, inheritFlags, shownFlags } from './file-flags.ts';
import { newFs } from './file-system.ts';
import { newInode } from './layer.ts';
import { resolveProfile } from './semantics/resolve.ts';
import type { RealInode } from './state.ts';

const SEMANTICS = resolveProfile('linux-6.12');
const DIR = { type: 'dir', mode: 0o755, uid: 0, gid: 0 } as const;

function made(base: 'tmpfs' | 'ext4'): RealInode {
  return newInode(newFs(SEMANTICS, base), DIR);
}

test('a flag that the file system does not know is refused with all others', () => {
  const dir = made('tmpfs');
  const changed = changeFlags(dir, new Set(['FS_NODUMP_FL', 'FS_SYNC_FL'] as const), SEMANTICS);
  expect(changed).toEqual({ ok: false, anyOf: ['EOPNOTSUPP'] });
  expect(dir.flags.size).toBe(0);
});

test('tmpfs of old kernels has no flags', () => {
  const changed = changeFlags(made('tmpfs'), new Set(), resolveProfile('linux-5.10'));
  expect(changed).toEqual({ ok: false, anyOf: ['ENOTTY'] });
});

test('a new inode gets what its directory hands on', () => {
  const dir = made('ext4');
  const all = ['FS_SYNC_FL', 'FS_APPEND_FL', 'FS_NODUMP_FL', 'FS_NOATIME_FL'] as const;
  expect(changeFlags(dir, new Set(all), SEMANTICS).ok).toBe(true);
  const child = made('ext4');
  inheritFlags(dir, child);
  expect([...child.flags]).toEqual(['FS_NODUMP_FL', 'FS_NOATIME_FL', 'FS_SYNC_FL']);
  expect(shownFlags(child)).toBe(0x40);
});
