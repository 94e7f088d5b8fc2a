import { expect, test } from 'vitest';
import type { Step } from './ops/index.ts';
import type { Entry } from './scenario.ts';
import { resolveProfile } from './semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from './semantics/semantics.ts';
import { simulate } from './simulate.ts';

const PAGE = 4096;
const SIZE = 4 * PAGE;
const OPEN: Step = { op: 'open', args: { slot: 0, path: 'a', flags: ['O_RDWR'], mode: 0 } };
const FSYNC: Step = { op: 'fsync', args: { fd: 0 } };
const PUNCH: Step = {
  op: 'fallocate',
  args: {
    fd: 0,
    flags: ['FALLOC_FL_PUNCH_HOLE', 'FALLOC_FL_KEEP_SIZE'],
    offset: PAGE,
    length: PAGE,
  },
};

function file(path: string): Entry {
  const pieces = [0, 1, 2, 3].map((page) => ({ at: page * PAGE, text: 'x' }));
  return { path, type: 'file', pieces, size: SIZE };
}

function map(offset = 0, size = SIZE): Step {
  const protection = ['PROT_READ', 'PROT_WRITE'] as const;
  return { op: 'mmap', args: { map: 0, fd: 0, offset, size, protection, sharing: 'MAP_SHARED' } };
}

function store(page: number): Step {
  return { op: 'writeMap', args: { map: 0, offset: page * PAGE, bytes: 'y' } };
}

function cut(offset: number): Step {
  return { op: 'ftruncate', args: { fd: 0, offset } };
}

interface Machine {
  readonly id?: string;
  readonly largeFolios?: boolean;
}

function lastOf(steps: readonly Step[], { id = 'linux-7.3', largeFolios = true }: Machine = {}) {
  const layers = [
    { role: 'upper', entries: [file('b')] },
    { role: 'lower', entries: [file('a')] },
  ] as const;
  const scenario = { base: 'ext4', layers, options: '', steps } as const;
  const environment = { ...USUAL_ENVIRONMENT, largeFolios };
  const trace = simulate(scenario, resolveProfile(id), environment);
  return trace[steps.length];
}

/** What a file of upper is like after the steps. */
function viewOf(path: string, steps: readonly Step[], machine?: Machine) {
  const node = lastOf(steps, machine)?.base.get(`u/${path}`)?.node;
  if (node?.kind !== 'node') throw new Error(`no ${path} in upper`);
  return node;
}

const TWO_WRITES = [OPEN, map(), store(0), store(1)];

test('the first write to memory maps all of a folio that copy-up made', () => {
  expect(viewOf('a', TWO_WRITES).mtime).toBe(3);
});

test.each<Machine>([{ id: 'linux-6.18' }, { largeFolios: false }])(
  'each page is mapped by itself: %j',
  (machine) => {
    const steps = [...TWO_WRITES, FSYNC, store(0), store(1)];
    expect(viewOf('a', steps, machine).mtime).toBe(7);
  },
);

test('one that may be split may still be mapped with what is left of it', () => {
  expect(viewOf('a', [OPEN, cut(2 * PAGE), map(0, 2 * PAGE), store(0), store(1)]).mtime).toEqual({
    either: [4, 5],
  });
});

test('an offline copy makes folios, too, which a mount and dropped caches leave', () => {
  const copy: Step = { op: 'offlineCopy', args: { layer: 'upper', from: 'b', to: 'c', keeps: [] } };
  const open: Step = { ...OPEN, args: { ...OPEN.args, path: 'c' } };
  const drop: Step = { op: 'dropCaches', args: {} };
  expect(viewOf('c', [copy, open, drop, map(), store(0), store(1)]).mtime).toBe(5);
});

test('st_blocks is not predicted where a folio has a hole, and is of an empty file', () => {
  const steps = [OPEN, PUNCH, map(), store(0)];
  expect(viewOf('a', steps).blocks).toBeNull();
  expect(viewOf('a', [...steps, cut(0)]).blocks).toBe(0);
});

test('what is behind the end of a file is no hole of a folio', () => {
  expect(viewOf('a', [OPEN, cut(2 * PAGE), map(), store(0)]).blocks).toBe(16);
});

test('a page that is synced takes the rest of its folio along', () => {
  const sync: Step = { op: 'msync', args: { map: 0, size: PAGE, flags: ['MS_SYNC'] } };
  const fails: Step = { op: 'failDevice', args: {} };
  const steps = [OPEN, FSYNC, map(), store(0), store(2), sync, fails, FSYNC];
  expect(lastOf(steps)?.result).toEqual({ ok: true, value: null });
  expect(lastOf(steps, { id: 'linux-6.18' })?.result).toEqual({ ok: false, anyOf: ['EIO'] });
});
