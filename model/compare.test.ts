import { makeHandle } from './handle.ts';
import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { fail, failTelling, succeed } from './prediction.ts';
import type {
  Difference,
  DirentsView,
  ObservedStat,
  ObservedStep,
  StatfsView,
  StatView,
  StepPrediction,
} from './observation.ts';
import type { OpName, Step } from './ops/index.ts';
import { OPS } from './ops/index.ts';
import type { ResultKind } from './ops/op.ts';
import type { Prediction } from './prediction.ts';
import type { Scenario } from './scenario.ts';
import type { SetTime, Time } from './time.ts';

const MOUNTED = { layers: ['rw'], options: ['index=off'] };

function predict(result: Prediction<unknown>): StepPrediction {
  return { result, rules: [], merged: null, base: new Map() };
}

function observe(result: ObservedStep['result'], step: number): ObservedStep {
  const [before, after] = clockOf(step);
  return { result, before, after, merged: null, base: new Map(), treeError: 0 };
}

/** Step n runs from n.1 to n.9 seconds. */
function clockOf(step: number): readonly [SetTime, SetTime] {
  return [
    { sec: step, nsec: 100 },
    { sec: step, nsec: 900 },
  ];
}

/** Compares what one operation of the result kind returned, each time on both sides. */
function compareSteps(
  kind: ResultKind,
  sides: readonly (readonly [Prediction<unknown>, ObservedStep['result']])[],
): Difference[] {
  const op = (Object.keys(OPS) as OpName[]).find((name) => OPS[name].result === kind);
  // Comparing looks at the operation only for its result kind.
  const step = { op, args: {} } as Step;
  const scenario: Scenario = {
    base: 'tmpfs',
    layers: [],
    options: '',
    steps: sides.map(() => step),
  };
  const predicted = [predict(succeed(MOUNTED)), ...sides.map(([result]) => predict(result))];
  const observed = [
    observe({ ok: true, value: MOUNTED }, 0),
    ...sides.map(([, result], index) => observe(result, index + 1)),
  ];
  return compare(predicted, observed, scenario);
}

function compareValues(kind: ResultKind, predicted: unknown, observed: unknown): Difference[] {
  return compareSteps(kind, [[succeed(predicted), { ok: true, value: observed }]]);
}

const STAT: StatView = {
  type: 'fifo',
  mode: 0o640,
  uid: 1,
  gid: 2,
  nlink: 1,
  size: 0,
  namesInSize: null,
  blocks: 0,
  ino: 7,
  dev: 'overlay',
  rdev: { major: 0, minor: 0 },
  flags: 0,
  atime: { sec: 5, nsec: 6 },
  mtime: 1,
  ctime: 1,
};

const SEEN_STAT: ObservedStat = {
  ...STAT,
  blocks: 0,
  mode: 0o010640,
  ino: 70,
  dev: '0:50',
  atime: { sec: 5, nsec: 6 },
  mtime: { sec: 1, nsec: 100 },
  ctime: { sec: 1, nsec: 900 },
};

const STATFS: StatfsView = {
  ...{ type: 0x794c7630, nameBytesMax: 255 },
  ...{ fsid: 'of the layer', counts: 'of the layer' },
};

const LIST: DirentsView = {
  listing: 1,
  must: new Map([
    ['.', { ino: 1, type: 'dir' }],
    ['a', { ino: 2, type: 'file' }],
    ['b', { ino: null, type: 'symlink' }],
  ] as const),
  may: new Set(['z']),
  repeats: false,
};

const DOT = { name: '.', ino: 11, type: 4 };
const A = { name: 'a', ino: 12, type: 8 };
const B = { name: 'b', ino: 13, type: 10 };
const Z = { name: 'z', ino: 99, type: 8 };

function handleOf(ino: number, layer?: { readonly isUpper: boolean }): string {
  return `\0\0\0${makeHandle(ino, layer)}`;
}

/** For each kind of result: what is predicted, what agrees with it, and what does not. */
const RESULTS: Readonly<
  Record<
    ResultKind,
    {
      readonly predicted: unknown;
      readonly equal: readonly unknown[];
      readonly other: readonly (readonly [seen: unknown, field: string])[];
    }
  >
> = {
  none: { predicted: null, equal: [null], other: [] },
  fd: { predicted: null, equal: [null], other: [] },
  count: { predicted: 3, equal: [3], other: [[4, 'result']] },
  path: { predicted: 'a/b', equal: ['a/b'], other: [['a', 'result']] },
  bytes: { predicted: 'ab\0', equal: ['ab\0'], other: [['ab', 'result']] },
  statx: {
    predicted: { ...STAT, mask: 0x17ff, attributes: 0, btime: { sec: 1, nsec: 2 } },
    equal: [{ ...SEEN_STAT, mask: 0x17ff, attributes: 0, btime: { sec: 1, nsec: 2 } }],
    other: [
      [{ ...SEEN_STAT, mask: 0x7ff, attributes: 0, btime: { sec: 1, nsec: 2 } }, 'result stx_mask'],
      [
        { ...SEEN_STAT, mask: 0x17ff, attributes: 16, btime: { sec: 1, nsec: 2 } },
        'result stx_attributes',
      ],
      [
        { ...SEEN_STAT, mask: 0x17ff, attributes: 0, btime: { sec: 2, nsec: 2 } },
        'result stx_btime',
      ],
    ],
  },
  names: {
    predicted: ['user.a', 'user.b'],
    equal: [
      ['user.a', 'user.b'],
      ['user.b', 'user.a'],
    ],
    other: [
      [['user.a'], 'result'],
      [['user.a', 'user.b', 'user.b'], 'result'],
      [['user.a', 'user.c'], 'result'],
    ],
  },
  events: {
    predicted: ['opened IN_OPEN', 'closed IN_CLOSE_WRITE'],
    equal: [['closed IN_CLOSE_WRITE', 'opened IN_OPEN']],
    other: [[['opened IN_OPEN'], 'result']],
  },
  told: {
    predicted: 'done, IN_MOVED_FROM a #1, IN_MOVED_TO b #1',
    equal: ['done, IN_MOVED_FROM a #1, IN_MOVED_TO b #1'],
    other: [
      ['done, IN_MOVED_TO b #1, IN_MOVED_FROM a #1', 'result told'],
      ['done, IN_MOVED_FROM a #1, IN_MOVED_TO b #2', 'result told'],
      ['EXDEV', 'result told'],
    ],
  },
  stat: {
    predicted: STAT,
    equal: [SEEN_STAT],
    other: [
      [{ ...SEEN_STAT, mode: 0o100640 }, 'result st_type'],
      [{ ...SEEN_STAT, nlink: 2 }, 'result st_nlink'],
      [{ ...SEEN_STAT, ctime: { sec: 1, nsec: 901 } }, 'result st_ctime'],
    ],
  },
  edit: {
    predicted: 'done',
    equal: ['done'],
    other: [['ENOENT', 'result edit']],
  },
  fileFlags: {
    predicted: ['FS_APPEND_FL', 'FS_NOATIME_FL'],
    equal: [['FS_NOATIME_FL', 'FS_APPEND_FL']],
    other: [[['FS_APPEND_FL'], 'result flags']],
  },
  fileXflags: {
    predicted: ['FS_NODUMP_FL'],
    equal: [['FS_NODUMP_FL']],
    other: [[[], 'result flags']],
  },
  otherMount: {
    predicted: 'ESTALE',
    equal: ['ESTALE'],
    other: [['mounted', 'result other mount']],
  },
  beside: {
    predicted: 'mounted, ENOENT',
    equal: ['mounted, ENOENT'],
    other: [['mounted', 'result mount beside']],
  },
  beneath: {
    predicted: 'done, ESTALE',
    equal: ['done, ESTALE'],
    other: [['done, done', 'result change beneath']],
  },
  dedupe: {
    predicted: 'EPERM',
    equal: ['EPERM'],
    other: [['4096 bytes', 'result dedupe']],
  },
  busyMount: {
    predicted: 'EBUSY',
    equal: ['EBUSY'],
    other: [['mounted', 'result busy mount']],
  },
  reconfigured: {
    predicted: { layers: ['ro'], options: [] },
    equal: [{ layers: ['ro'], options: [] }],
    other: [[{ layers: ['rw'], options: [] }, 'result layers']],
  },
  handle: {
    predicted: { ino: 12, isUpper: false, isConnectable: false },
    equal: [{ type: 0xf8, bytes: handleOf(12) }],
    other: [
      [{ type: 0xf9, bytes: handleOf(12) }, 'result type'],
      [{ type: 0xf8, bytes: handleOf(12, { isUpper: true }) }, 'result'],
      [{ type: 0xf8, bytes: makeHandle(12) }, 'result'],
    ],
  },
  statfs: {
    predicted: STATFS,
    equal: [STATFS],
    other: [
      [{ ...STATFS, type: 0x01021994 }, 'result f_type'],
      [{ ...STATFS, nameBytesMax: 143 }, 'result f_namelen'],
      [{ ...STATFS, fsid: 'own' }, 'result fsid'],
      [{ ...STATFS, counts: 'own' }, 'result counts'],
    ],
  },
  dirents: {
    predicted: LIST,
    equal: [{ entries: [B, A, DOT] }, { entries: [DOT] }, { entries: [Z, A] }],
    other: [
      [{ entries: [A, A] }, 'result entry'],
      [{ entries: [{ ...A, name: 'c' }] }, 'result entry'],
      [{ entries: [{ ...A, type: 4 }] }, 'result d_type'],
      [{ entries: [DOT, { ...A, ino: 11 }] }, 'result d_ino'],
      [{ entries: [] }, 'result entry'],
    ],
  },
  mount: {
    predicted: { layers: ['rw'], options: ['index=off', 'xino=off'] },
    equal: [{ layers: ['rw'], options: ['index=off', 'xino=off'] }],
    other: [
      [{ layers: ['ro'], options: ['index=off', 'xino=off'] }, 'result layers'],
      [{ layers: ['rw'], options: ['index=off'] }, 'result options xino'],
      [{ layers: ['rw'], options: ['index=on', 'xino=off'] }, 'result options index'],
      [{ layers: ['rw'], options: ['xino=auto', 'index=on'] }, 'result options index xino'],
      [{ layers: ['rw'], options: ['xino=off', 'index=off'] }, 'result options'],
    ],
  },
};

describe.each(Object.entries(RESULTS))('a result of kind %s', (name, result) => {
  const kind = name as ResultKind; // The table has exactly the kinds as keys.
  const { predicted, equal, other } = result;

  test('agrees with what was predicted', () => {
    expect(equal.map((seen) => compareValues(kind, predicted, seen))).toEqual(equal.map(() => []));
  });

  test('differs when it is another one', () => {
    const fields = other.map(([seen]) => compareValues(kind, predicted, seen)[0]?.field);
    expect(fields).toEqual(other.map(([, field]) => field));
  });
});

test('a count that is not predicted may be any', () => {
  expect(compareValues('count', null, 17)).toEqual([]);
});

describe('an errno', () => {
  const failed = (errno: 'EIO' | 'EPERM' | 130): ObservedStep['result'] => ({ ok: false, errno });

  test('is right when it is one of those predicted', () => {
    expect(compareSteps('none', [[fail('EPERM', 'EIO'), failed('EIO')]])).toEqual([]);
  });

  test.each([
    [fail('EPERM', 'EACCES'), failed('EIO'), 'EPERM or EACCES', 'EIO'],
    [fail('EPERM'), { ok: true, value: null }, 'EPERM', 'success'],
    [succeed(null), failed('EPERM'), 'success', 'EPERM'],
    [succeed(null), failed(130), 'success', '130'],
  ] as const)('is a difference when it is another one', (predicted, seen, said, shown) => {
    expect(compareSteps('none', [[predicted, seen]])).toEqual([
      { step: 1, field: 'result errno', at: 'result', predicted: said, observed: shown },
    ]);
  });

  test('is not all where the call tells more, which has to be the same', () => {
    const predicted = failTelling('EOVERFLOW', '36 bytes');
    const seen = { ok: false, errno: 'EOVERFLOW' } as const;
    expect(compareSteps('handle', [[predicted, { ...seen, told: '36 bytes' }]])).toEqual([]);
    expect(compareSteps('handle', [[predicted, { ...seen, told: '32 bytes' }]])).toEqual([
      { step: 1, field: 'result told', at: 'result', predicted: '36 bytes', observed: '32 bytes' },
    ]);
    expect(compareSteps('handle', [[predicted, seen]])).toHaveLength(1);
  });

  test('may come instead of a success that names it, and no other may', () => {
    const predicted = { ...succeed(null), unless: ['EIO'] } as const;
    expect(compareSteps('none', [[predicted, failed('EIO')]])).toEqual([]);
    expect(compareSteps('none', [[predicted, failed('EPERM')]])).toHaveLength(1);
  });
});

describe('a listing in several calls', () => {
  const calls = (view: DirentsView, ...parts: (readonly (typeof A)[])[]): Difference[] =>
    compareSteps(
      'dirents',
      parts.map((entries) => [succeed(view), { ok: true, value: { entries } }]),
    );

  test('ends when all names that must come have come', () => {
    expect(calls(LIST, [DOT, A], [B], [])).toEqual([]);
    expect(calls(LIST, [DOT, A], [])).toMatchObject([
      { step: 2, field: 'result entry', at: 'entry "b"', observed: 'absent at the end' },
    ]);
  });

  test('shows no name again', () => {
    expect(calls(LIST, [DOT, A], [A, B])).toMatchObject([{ step: 2, observed: 'twice' }]);
    expect(calls(LIST, [Z], [Z])).toMatchObject([{ step: 2, observed: 'twice' }]);
  });

  test('shows names again where the file system below lost its place', () => {
    expect(calls({ ...LIST, repeats: true }, [DOT, A, B], [A, B], [])).toEqual([]);
  });

  test('begins anew with another number', () => {
    const again = { ...LIST, listing: 2 };
    const parts = [LIST, again].map(
      (view): readonly [Prediction<unknown>, ObservedStep['result']] => [
        succeed(view),
        { ok: true, value: { entries: [DOT, A, B] } },
      ],
    );
    expect(compareSteps('dirents', parts)).toEqual([]);
  });

  test('may show anything after a seek that went astray', () => {
    expect(calls({ ...LIST, may: null }, [A, A], [])).toEqual([]);
  });
});

describe('a time', () => {
  const timesOf = (ctime: Time, seen: SetTime): Difference[] =>
    compareValues('stat', { ...STAT, ctime }, { ...SEEN_STAT, ctime: seen });

  test('of a step lies between the clocks around that step, ends included', () => {
    for (const nsec of [100, 500, 900]) expect(timesOf(1, { sec: 1, nsec })).toEqual([]);
    for (const nsec of [99, 901]) expect(timesOf(1, { sec: 1, nsec })).toHaveLength(1);
    expect(timesOf(0, { sec: 0, nsec: 500 })).toEqual([]);
  });

  test('of two that are possible is one of them', () => {
    const either = { either: [{ sec: 5, nsec: 6 }, 1] } as const;
    for (const seen of [
      { sec: 5, nsec: 6 },
      { sec: 1, nsec: 500 },
    ]) {
      expect(timesOf(either, seen)).toEqual([]);
    }
    expect(timesOf(either, { sec: 5, nsec: 7 })).toMatchObject([
      { predicted: '5.000000006 or step 1' },
    ]);
  });

  test('is said as the step in which it lies', () => {
    expect(timesOf(1, { sec: 0, nsec: 500 })).toMatchObject([
      { predicted: 'step 1', observed: 'step 0' },
    ]);
    expect(timesOf({ sec: 9, nsec: 8 }, { sec: 9, nsec: 9 })).toMatchObject([
      { predicted: '9.000000008', observed: '9.000000009' },
    ]);
  });
});

describe('a device', () => {
  const devOf = (...seen: readonly (readonly [StatView['dev'], string])[]): Difference[] =>
    compareSteps(
      'stat',
      seen.map(([dev, shown], index) => [
        succeed({ ...STAT, dev, mtime: index + 1, ctime: index + 1 }),
        {
          ok: true,
          value: {
            ...SEEN_STAT,
            dev: shown,
            mtime: { sec: index + 1, nsec: 100 },
            ctime: { sec: index + 1, nsec: 100 },
          },
        },
      ]),
    );

  test('stays the same, and that of the overlay is not that of the layers', () => {
    expect(devOf(['overlay', '0:50'], ['base', '0:40'], ['overlay', '0:50'])).toEqual([]);
    expect(devOf(['overlay', '0:50'], ['overlay', '0:51'])).toMatchObject([{ step: 2 }]);
    expect(devOf(['overlay', '0:50'], ['base', '0:50'])).toMatchObject([{ step: 2 }]);
  });
});

describe('a trace', () => {
  const scenario: Scenario = {
    base: 'tmpfs',
    layers: [],
    options: '',
    steps: [{ op: 'dropCaches', args: {} }],
  };
  const mounted = predict(succeed(MOUNTED));
  const seen = observe({ ok: true, value: MOUNTED }, 0);

  test('that is too short or too long is a difference', () => {
    const step = predict(succeed(null));
    const later = observe({ ok: true, value: null }, 1);
    expect(compare([mounted, step], [seen], scenario)).toMatchObject([{ step: 1, field: 'trace' }]);
    expect(compare([mounted], [seen, later], scenario)).toMatchObject([
      { step: 1, field: 'trace' },
    ]);
    expect(compare([mounted, step], [seen, later], scenario)).toEqual([]);
  });

  test('is compared up to the first step that differs', () => {
    const failing = [fail('EIO'), fail('EPERM')];
    const differences = compareSteps(
      'none',
      failing.map((predicted) => [predicted, { ok: true, value: null }]),
    );
    expect(differences.map(({ step }) => step)).toEqual([1]);
  });
});
