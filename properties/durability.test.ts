import { expect, test } from 'vitest';
import { OPS } from '../model/ops/index.ts';
import type { Context } from '../model/ops/op.ts';
import type { RealInode } from '../model/state.ts';
import { durability } from './durability.ts';
import { modelKernel } from './model-kernel.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';
import { stepsToFind } from './shortest.ts';
import { Content } from '../model/sparse.ts';

/** Before it, copy-up of what lost its name may replace what has the name now: see fixtures. */
const RELEASE = '6.12.117';
const SEED = 1;
const VOLATILE = `${DEFAULT_OPTIONS},volatile`;

test.each([
  DEFAULT_OPTIONS,
  'redirect_dir=on,index=off,metacopy=on,nfs_export=off,xino=off',
  'redirect_dir=on,index=on,metacopy=off,nfs_export=off,xino=on',
  VOLATILE,
])('holds for a kernel that loses nothing, with %s', async (options) => {
  const kernel = modelKernel(RELEASE, OPS);
  for (let index = 0; index < 100; index++) {
    const scenario = durability.scenarioAt(SEED, index, { options, stepCount: 30 });
    const { differences } = await durability.check(scenario, kernel);
    // The kernel forgets that the root is immutable with any mount: see fixtures.
    const others = differences.filter(({ at }) => at !== 'merged  flags');
    expect(others, `scenario ${index}`).toEqual([]);
  }
});

/** The layers are on the disk since before the mount. */
function isMadeByStep({ btime }: RealInode): boolean {
  return typeof btime === 'number' && btime > 0;
}

/** Data that never reached the disk, though the names did. */
function empty(upper: RealInode, isLost: (inode: RealInode) => boolean): void {
  for (const inode of upper.entries.values()) {
    if (inode.type === 'dir') empty(inode, isLost);
    if (inode.type !== 'file' || !isMadeByStep(inode) || !isLost(inode)) continue;
    inode.content = Content.EMPTY;
    inode.version++;
  }
}

const ORIGIN = 'trusted.overlay.origin';

/** What crashes lose that they must not. */
const LOSSES: Readonly<Record<string, (context: Context) => void>> = {
  'the data of a copy': ({ world }) => {
    empty(world.points.upper, ({ xattrs }) => xattrs.has(ORIGIN));
  },
  'what was written and synced': ({ world }) => {
    const open = world.slots.filter((file) => file !== null && file.inode.lowers.length === 0);
    const written = open.map((file) => file?.inode.upper);
    empty(world.points.upper, (inode) => written.includes(inode));
  },
  'a whiteout': ({ world }) => {
    const { entries } = world.points.upper;
    for (const [name, inode] of entries) {
      if (inode.type === 'chr' && isMadeByStep(inode)) entries.delete(name);
    }
  },
  'the attributes of a copy': ({ world }) => {
    for (const inode of world.points.upper.entries.values()) {
      if (!inode.xattrs.has(ORIGIN) || !isMadeByStep(inode)) continue;
      inode.uid = 77;
      inode.version++;
    }
  },
  'the mark of a volatile mount': ({ world }) => {
    world.points.workdir.entries.get('work')?.entries.delete('incompat');
  },
};

test.each([
  ['the data of a copy', DEFAULT_OPTIONS, 2],
  ['what was written and synced', DEFAULT_OPTIONS, 4],
  ['a whiteout', DEFAULT_OPTIONS, 2],
  ['the attributes of a copy', DEFAULT_OPTIONS, 2],
  ['the mark of a volatile mount', VOLATILE, 1],
] as const)('finds a crash that loses %s', async (name, options, steps) => {
  const crash: typeof OPS.crash = {
    ...OPS.crash,
    predict(context, args) {
      LOSSES[name]?.(context);
      return OPS.crash.predict(context, args);
    },
  };
  const kernel = modelKernel(RELEASE, { ...OPS, crash });
  expect(await stepsToFind(durability, kernel, { options, enough: steps })).toBe(steps);
});
