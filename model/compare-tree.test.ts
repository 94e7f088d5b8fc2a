import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { ERRNO } from './errno.ts';
import { fail, succeed } from './prediction.ts';
import type {
  Difference,
  NodeView,
  ObservedNode,
  ObservedStep,
  StepPrediction,
  Tree,
  TreeChanges,
  TreeEntry,
  XattrValue,
} from './observation.ts';
import type { Scenario } from './scenario.ts';
import { Content } from './sparse.ts';

const SCENARIO: Scenario = { base: 'tmpfs', layers: [], options: '', steps: [] };
const NEXT_STEP = { op: 'dropCaches', args: {} } as const;

const FID = '\x01\0\0\0\x34\0\0\0\0\0\0\0';
/** Of the inode 52 of the kernel. */
const HANDLE = `\0\xfb\x21\0\x01${'u'.repeat(16)}${FID}`;

const VIEW: NodeView = {
  kind: 'node',
  type: 'file',
  mode: 0o4755,
  uid: 1,
  gid: 2,
  nlink: 3,
  size: 5,
  namesInSize: null,
  blocks: 8,
  ino: 41,
  dev: 'base',
  rdev: { major: 7, minor: 8 },
  flags: 0x10,
  atime: { sec: 10, nsec: 11 },
  mtime: { sec: 12, nsec: 13 },
  ctime: 0,
  xattrs: new Map<string, XattrValue>([
    ['user.a', 'one'],
    ['trusted.overlay.origin', { handleOf: 42 }],
    ['trusted.overlay.uuid', { randomBytes: 16 }],
    ['trusted.b', { unreadable: 'EIO' }],
  ]),
  content: Content.of('hello'),
  target: 'to',
};

const SEEN: ObservedNode = {
  kind: 'node',
  dIno: 51,
  dType: 8,
  dotIno: 53,
  dotdotIno: 54,
  mode: 0o104755,
  uid: 1,
  gid: 2,
  nlink: 3,
  size: 5,
  blocks: 8,
  ino: 51,
  dev: '0:40',
  rdev: { major: 7, minor: 8 },
  flags: 0x10,
  atime: { sec: 10, nsec: 11 },
  mtime: { sec: 12, nsec: 13 },
  ctime: { sec: 100, nsec: 500 },
  xattrs: new Map<string, string | number>([
    ['user.a', 'one'],
    ['trusted.overlay.origin', HANDLE],
    ['trusted.overlay.uuid', '0123456789abcdef'],
    ['trusted.b', ERRNO.EIO],
  ]),
  content: Content.of('hello'),
  target: 'to',
  dataError: 0,
};

// The numbers of `.` and `..` are not those of the file itself, so that each is told apart.
const ENTRY: TreeEntry = { dIno: 41, dType: 'file', dotIno: 43, dotdotIno: 44, node: VIEW };

function predictedStep(base: Tree): StepPrediction {
  return { result: succeed({ layers: [], options: [] }), rules: [], merged: null, base };
}

function observedStep(base: TreeChanges, sec = 100): ObservedStep {
  return {
    result: { ok: true, value: { layers: [], options: [] } },
    before: { sec, nsec: 0 },
    after: { sec, nsec: 999 },
    merged: null,
    base,
    treeError: 0,
  };
}

function compareOne(entry: TreeEntry, seen: ObservedNode): Difference[] {
  const predicted = [predictedStep(new Map([['u/a', entry]]))];
  return compare(predicted, [observedStep(new Map([['u/a', seen]]))], SCENARIO);
}

function fieldsOf(differences: readonly Difference[]): string[] {
  return differences.map(({ field }) => field);
}

type Otherwise = readonly [field: string, Partial<ObservedNode>];

/** What the kernel may show instead, by each field of the model's view; all have to be noticed. */
const OTHERWISE: Readonly<
  Record<Exclude<keyof NodeView, 'kind' | 'mayFail' | 'namesInSize'>, Otherwise>
> = {
  type: ['st_type', { mode: 0o124755 }],
  mode: ['st_mode', { mode: 0o100755 }],
  uid: ['st_uid', { uid: 0 }],
  gid: ['st_gid', { gid: 0 }],
  nlink: ['st_nlink', { nlink: 2 }],
  size: ['st_size', { size: 6 }],
  blocks: ['st_blocks', { blocks: 0 }],
  ino: ['st_ino', { ino: 52 }],
  dev: ['st_dev', { dev: '0:41' }],
  rdev: ['st_rdev', { rdev: { major: 7, minor: 9 } }],
  flags: ['st_flags', { flags: 0x20 }],
  atime: ['st_atime', { atime: { sec: 10, nsec: 12 } }],
  mtime: ['st_mtime', { mtime: { sec: 13, nsec: 13 } }],
  ctime: ['st_ctime', { ctime: { sec: 100, nsec: 1000 } }],
  xattrs: ['xattr user.a', { xattrs: new Map(SEEN.xattrs).set('user.a', 'two') }],
  content: ['content', { content: Content.of('hellO') }],
  target: ['target', { target: 'too' }],
  dataError: ['reading', { dataError: ERRNO.EIO }],
};

/** The same by each field of the entry of the listing. */
const LISTED_OTHERWISE: Readonly<Record<Exclude<keyof TreeEntry, 'node'>, Otherwise>> = {
  dIno: ['d_ino', { dIno: 99 }],
  dType: ['d_type', { dType: 10 }],
  dotIno: ['. d_ino', { dotIno: 99 }],
  dotdotIno: ['.. d_ino', { dotdotIno: 99 }],
};

describe('an object of a tree', () => {
  test('is equal to what was predicted', () => {
    expect(compareOne(ENTRY, SEEN)).toEqual([]);
  });

  // In the step after: the first sight of a number binds it to whatever it was predicted to be.
  test.each(Object.entries({ ...OTHERWISE, ...LISTED_OTHERWISE }))(
    'differs by its %s alone',
    (_, [field, change]) => {
      const step = predictedStep(new Map([['u/a', ENTRY]]));
      const first = observedStep(new Map([['u/a', SEEN]]));
      const later = (seen: ObservedNode): Difference[] => {
        const scenario = { ...SCENARIO, steps: [NEXT_STEP] };
        const second = observedStep(new Map([['u/a', seen]]), 101);
        return compare([step, step], [first, second], scenario);
      };
      expect(later({ ...SEEN })).toEqual([]);
      expect(fieldsOf(later({ ...SEEN, ...change }))).toEqual([`base ${field}`]);
    },
  );

  test('may fail to be listed where a name cannot be looked up, with no other errno', () => {
    const entry = { ...ENTRY, node: { ...VIEW, mayFail: fail('EPERM') } };
    expect(compareOne(entry, SEEN)).toEqual([]);
    expect(compareOne(entry, { ...SEEN, dataError: ERRNO.EPERM })).toEqual([]);
    expect(fieldsOf(compareOne(entry, { ...SEEN, dataError: ERRNO.EIO }))).toEqual([
      'base reading',
    ]);
  });

  test('says where it differs for people and for shrinking', () => {
    expect(compareOne(ENTRY, { ...SEEN, mode: 0o100644 })).toEqual([
      {
        step: 0,
        field: 'base st_mode',
        at: 'base u/a st_mode',
        predicted: '04755',
        observed: '0644',
      },
    ]);
  });
});

describe('an xattr', () => {
  const changed = (change: (xattrs: Map<string, string | number>) => void): string[] => {
    const xattrs = new Map(SEEN.xattrs);
    change(xattrs);
    return compareOne(ENTRY, { ...SEEN, xattrs }).map(
      ({ field, observed }) => `${field}: ${observed}`,
    );
  };

  test.each<[string, (xattrs: Map<string, string | number>) => void, string]>([
    ['is missing', (xattrs) => xattrs.delete('user.a'), 'user.a: absent'],
    ['is one too many', (xattrs) => xattrs.set('user.z', 'new'), 'user.z: "new"'],
    ['cannot be read', (xattrs) => xattrs.set('user.a', ERRNO.EPERM), 'user.a: EPERM'],
    ['can be read after all', (xattrs) => xattrs.set('trusted.b', 'value'), 'trusted.b: "value"'],
    [
      'has fewer random bytes',
      (xattrs) => xattrs.set('trusted.overlay.uuid', 'short'),
      'trusted.overlay.uuid: "short"',
    ],
    [
      'is the handle of another object',
      (xattrs) => xattrs.set('trusted.overlay.origin', HANDLE.replace('\x34', '\x33')),
      'trusted.overlay.origin: handle of inode 41',
    ],
    [
      'is no handle',
      (xattrs) => xattrs.set('trusted.overlay.origin', 'x'),
      'trusted.overlay.origin: "x"',
    ],
  ])('that %s is a difference', (_, change, said) => {
    expect(changed(change)).toEqual([`base xattr ${said}`]);
  });
});

describe('a tree', () => {
  test('differs when an object is gone, when one came, and when one cannot be read', () => {
    const tree = new Map([['a', ENTRY]]);
    const seen = (changes: TreeChanges): string[] =>
      fieldsOf(compare([predictedStep(tree)], [observedStep(changes)], SCENARIO));
    expect(seen(new Map())).toEqual(['base missing']);
    expect(seen(new Map([['b', SEEN]]))).toEqual(['base missing', 'base surplus']);
    const unreadable = { kind: 'unreadable', dIno: 51, dType: 8, error: ERRNO.EIO } as const;
    expect(seen(new Map([['a', unreadable]]))).toEqual(['base unreadable']);
    expect(seen(new Map([['a', { ...SEEN, dataError: ERRNO.EIO }]]))).toEqual(['base reading']);
  });

  test('may hold a name that cannot be looked up, with the errno that was predicted', () => {
    const node = { kind: 'unreadable', error: fail('ESTALE', 'EIO') } as const;
    const entry = { ...ENTRY, dotIno: null, dotdotIno: null, node };
    const seen = (error: number): string[] => {
      const name = { kind: 'unreadable', dIno: 51, dType: 8, error } as const;
      const trees = [predictedStep(new Map([['a', entry]]))];
      return fieldsOf(compare(trees, [observedStep(new Map([['a', name]]))], SCENARIO));
    };
    expect(seen(ERRNO.EIO)).toEqual([]);
    expect(seen(ERRNO.ENOENT)).toEqual(['base unreadable']);
    expect(fieldsOf(compareOne(entry, SEEN))).toEqual(['base unreadable']);
  });

  test('that could not be dumped is a difference, be anything mounted or not', () => {
    const step = { ...observedStep(new Map()), base: null, treeError: ERRNO.EIO };
    expect(compare([predictedStep(new Map())], [step], SCENARIO)).toEqual([
      {
        step: 0,
        field: 'base tree',
        at: 'base dump',
        predicted: 'a readable tree',
        observed: 'EIO',
      },
    ]);
  });

  test('is compared when the mount fails too, as a mount that fails leaves layers alone', () => {
    const predicted = [{ ...predictedStep(new Map([['a', ENTRY]])), result: fail('EINVAL') }];
    const failed = { ok: false, errno: 'EINVAL' } as const;
    const seen = (changes: TreeChanges): string[] =>
      fieldsOf(compare(predicted, [{ ...observedStep(changes), result: failed }], SCENARIO));
    expect(seen(new Map([['a', SEEN]]))).toEqual([]);
    expect(seen(new Map([['a', { ...SEEN, size: 0 }]]))).toEqual(['base st_size']);
  });
});

describe('the whiteout that is kept in the work directory', () => {
  const tree = new Map([['w/work/#', ENTRY]]);
  const seen = (changes: TreeChanges): string[] =>
    compare([predictedStep(tree)], [observedStep(changes)], SCENARIO).map(({ at }) => at);

  test('has a name with any number', () => {
    expect(seen(new Map([['w/work/#1f', SEEN]]))).toEqual([]);
  });

  test('is one: whatever else was left behind there is a difference', () => {
    const leaked = new Map([
      ['w/work/#1f', SEEN],
      ['w/work/#20', SEEN],
    ]);
    expect(seen(leaked)).toEqual(['base w/work/#20']);
  });

  test('is compared as any other object', () => {
    expect(seen(new Map([['w/work/#1f', { ...SEEN, nlink: 9 }]]))).toEqual([
      'base w/work/# st_nlink',
    ]);
  });

  test('may be replaced by another one', () => {
    const scenario = { ...SCENARIO, steps: [NEXT_STEP] };
    const gone = { kind: 'gone' } as const;
    const observed = [
      observedStep(new Map([['w/work/#1f', SEEN]])),
      observedStep(
        new Map<string, typeof gone | ObservedNode>([
          ['w/work/#1f', gone],
          ['w/work/#20', SEEN],
        ]),
        101,
      ),
    ];
    expect(compare([predictedStep(tree), predictedStep(tree)], observed, scenario)).toEqual([]);
  });
});

describe('what changes from step to step', () => {
  const scenario = { ...SCENARIO, steps: [NEXT_STEP] };
  // With an overlay mounted, what was equal before is not compared again.
  const merged: Tree = new Map([
    ['', { ...ENTRY, dIno: null, node: { ...VIEW, ino: 45, dev: 'overlay' } }],
  ]);
  const mergedSeen = new Map([['', { ...SEEN, dIno: 0, ino: 55, dev: '0:50' }]]);
  const first = { ...predictedStep(new Map([['a', ENTRY]])), merged };
  const observedFirst = { ...observedStep(new Map([['a', SEEN]])), merged: mergedSeen };

  const second = (tree: Tree, changes: TreeChanges): Difference[] =>
    compare(
      [first, { ...predictedStep(tree), merged }],
      [observedFirst, { ...observedStep(changes, 101), merged: new Map() }],
      scenario,
    );

  test('nothing is no difference', () => {
    expect(second(first.base, new Map())).toEqual([]);
  });

  test('an object that the kernel changed and the model did not is a difference', () => {
    const changes = new Map([['a', { ...SEEN, uid: 5 }]]);
    expect(second(first.base, changes)).toMatchObject([{ step: 1, field: 'base st_uid' }]);
  });

  test('an object that the model changed and the kernel did not is a difference', () => {
    const tree = new Map([['a', { ...ENTRY, node: { ...VIEW, uid: 5 } }]]);
    expect(second(tree, new Map())).toMatchObject([{ step: 1, field: 'base st_uid' }]);
  });

  const elsewhere = { dIno: 49, dType: 'symlink', dotIno: 49, dotdotIno: 49 } as const;
  test.each(Object.entries(elsewhere))(
    'an entry whose %s alone the model changed',
    (key, value) => {
      const moved = new Map([['a', { ...ENTRY, [key]: value }]]);
      expect(second(moved, new Map())).toHaveLength(1);
    },
  );

  test('an object that only the kernel removed is a difference', () => {
    const changes = new Map([['a', { kind: 'gone' } as const]]);
    expect(second(first.base, changes)).toMatchObject([{ step: 1, field: 'base missing' }]);
    expect(second(new Map(), changes)).toEqual([]);
  });
});
