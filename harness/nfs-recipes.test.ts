import { expect, test } from 'vitest';
import { ERRNO } from '../model/errno.ts';
import type { Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { encode } from './encode.ts';
import { readProgram } from './protocol/read-program.ts';

const MOUNT: Step = { op: 'nfsMount', args: { version: 'nfs42' } };
const MAKE: Step = { op: 'mkdir', args: { path: 'd', mode: 0o755 } };

function opened(outside: number): Step {
  return { op: 'outsideOpen', args: { outside, place: 'nfs', path: 'a', access: 'ro' } };
}

function closed(outside: number): Step {
  return { op: 'outsideClose', args: { outside } };
}

/** What is done about the server before each step: asked, told to forget, stopped. */
function doneBefore(...steps: readonly Step[]): readonly string[] {
  const scenario: Scenario = {
    ...{ base: 'tmpfs', layers: [{ role: 'upper', entries: [] }], steps },
    options: 'redirect_dir=on,index=on,metacopy=off,nfs_export=on,xino=off',
  };
  const { program, mountAt } = encode(scenario);
  const all = readProgram(program);
  const clocks = [...all.keys()].filter((at) => {
    const instruction = all[at];
    return at > mountAt && instruction?.op === 'call' && instruction.call === 'clock_gettime';
  });
  return steps.map((_, index) => {
    const own = all.slice(clocks[2 * index + 1], clocks[2 * index + 2]);
    const told = own.flatMap((one) => {
      if (one.op === 'until') return [one.error === ERRNO.EBUSY ? 'stopped' : 'waited'];
      if (one.op !== 'call') return [];
      if (one.call === 'statfs') return ['asked'];
      return one.args.some(({ data }) => data.endsWith('nfsd.fh/flush\0')) ? ['forgets'] : [];
    });
    return [...new Set(told)].join();
  });
}

test('once a client has closed all its files, their server is another one', () => {
  const before = doneBefore(MOUNT, opened(0), MAKE, closed(0), MAKE, MAKE);
  expect(before).toEqual(['forgets,stopped', '', 'forgets', 'forgets', 'forgets,stopped', '']);
});

test('while a client has another file open, the server is asked whether it closed one', () => {
  const before = doneBefore(MOUNT, opened(0), opened(1), closed(0), MAKE, closed(1), MAKE);
  expect(before.slice(3)).toEqual(['forgets', 'asked,forgets', 'asked,forgets', 'forgets,stopped']);
});

test('a file that takes the place of another may have closed that', () => {
  const before = doneBefore(MOUNT, opened(0), opened(0), MAKE, closed(0), MAKE);
  expect(before.slice(3)).toEqual(['asked,forgets', 'asked,forgets', 'forgets,stopped']);
});

test('before the overlay is unmounted its server is stopped', () => {
  const remount: Step = { op: 'remount', args: {} };
  expect(doneBefore(MOUNT, opened(0), remount, MAKE).slice(2)).toEqual(['forgets,stopped', '']);
});
