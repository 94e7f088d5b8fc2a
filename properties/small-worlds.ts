import type { OpName, Step } from '../model/ops/index.ts';
import type { Entry, LayerSpec, Scenario } from '../model/scenario.ts';

const A: Entry = { path: 'a', type: 'file', pieces: [{ at: 0, text: 'lower' }] };
const D: Entry = { path: 'd', type: 'dir' };
const IN_D: Entry = { path: 'd/a', type: 'file', pieces: [{ at: 0, text: 'below' }] };
const ALL = [A, D, IN_D];
const WHITEOUT = { type: 'chr', rdev: { major: 0, minor: 0 } } as const;

/** Forms of layers that have few names, from the upper one down. */
const FORMS: readonly (readonly (readonly Entry[])[])[] = [
  [[], ALL],
  [ALL, []],
  [[D], ALL],
  // What is below is hidden.
  [
    [
      { path: 'a', ...WHITEOUT },
      { ...D, xattrs: { 'trusted.overlay.opaque': 'y' } },
    ],
    ALL,
  ],
  [[], [D, { path: 'd/a', ...WHITEOUT }], [D, IN_D, A]],
  // One file with two names.
  [[], [A, D, { path: 'd/a', type: 'link', to: 'a' }]],
];

/** Mounts on which most steps do different things. */
const OPTIONS = [
  'redirect_dir=off,index=off,metacopy=off,nfs_export=off,xino=off',
  'redirect_dir=on,index=off,metacopy=on,nfs_export=off,xino=off',
  'redirect_dir=on,index=on,metacopy=off,nfs_export=on,xino=off',
] as const;

/** The steps that sequences are made of: one of each kind that changes what the next ones meet. */
export const ALPHABET: readonly Step[] = [
  open(0, 'a', 'O_RDWR'),
  open(0, 'd/a', 'O_RDONLY'),
  open(0, 'b', 'O_RDWR', 'O_CREAT', 'O_EXCL'),
  open(1, 'd', 'O_RDONLY', 'O_DIRECTORY'),
  step('write', { fd: 0, bytes: 'new' }),
  step('fchmod', { fd: 0, mode: 0o600 }),
  step('getdents', { fd: 1, size: 4096 }),
  step('chmod', { path: 'a', mode: 0o700 }),
  step('chmod', { path: 'd', mode: 0o700 }),
  step('truncate', { path: 'd/a', offset: 2 }),
  step('setxattr', { path: 'a', name: 'trusted.x', value: 'v', flags: [] }),
  step('unlink', { path: 'a' }),
  step('unlink', { path: 'd/a' }),
  step('rmdir', { path: 'd' }),
  step('mkdir', { path: 'b', mode: 0o755 }),
  step('mkdir', { path: 'd', mode: 0o755 }),
  step('symlink', { path: 'a', target: 'd' }),
  step('link', { from: 'a', to: 'b', flags: [] }),
  step('link', { from: 'd/a', to: 'b', flags: [] }),
  step('rename', { from: 'a', to: 'b', flags: [] }),
  step('rename', { from: 'a', to: 'd/a', flags: [] }),
  step('rename', { from: 'd/a', to: 'a', flags: [] }),
  step('rename', { from: 'd', to: 'b', flags: [] }),
  step('rename', { from: 'b', to: 'd', flags: [] }),
  step('rename', { from: 'a', to: 'd', flags: ['RENAME_EXCHANGE'] }),
  step('encodeHandle', { handle: 0, path: 'a', flags: [], size: 128 }),
  step('openHandle', { slot: 0, handle: 0, flags: ['O_RDONLY'], damage: 'none' }),
  step('dropCaches', {}),
  step('remount', {}),
  step('rotate', {}),
];

/** Every form with every kind of mount. */
export const SMALL_WORLDS: readonly Scenario[] = FORMS.flatMap(([upper = [], ...lowers]) =>
  OPTIONS.map((options) => {
    const layers: readonly LayerSpec[] = [
      { role: 'upper', entries: upper },
      ...lowers.map((entries): LayerSpec => ({ role: 'lower', entries })),
    ];
    return { base: 'tmpfs', layers, options, steps: [] } as const;
  }),
);

function open(
  slot: number,
  path: string,
  ...flags: Extract<Step, { op: 'open' }>['args']['flags']
): Step {
  return { op: 'open', args: { slot, path, flags, mode: 0o644 } };
}

function step<N extends OpName>(op: N, args: Extract<Step, { op: N }>['args']): Step {
  // Name and arguments are of one operation, which the type of a union of steps cannot say.
  return { op, args } as unknown as Step;
}
