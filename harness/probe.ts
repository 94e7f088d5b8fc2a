import { predictMount } from '../model/mount.ts';
import type { ContextCall, MountPlan } from '../model/mount-plan.ts';
import { succeed } from '../model/prediction.ts';
import type { Observation, Prediction } from '../model/prediction.ts';
import type { Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { withEpilogue } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import type { Behaviour, Feature } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';
import { HarnessError } from './errors.ts';
import type { Kernel } from './kernel.ts';

/** What a probe tells of a kernel. */
type Question = Feature | keyof Behaviour;

const LOWERS: Scenario['layers'] = [
  { role: 'lower', entries: [] },
  { role: 'lower', entries: [] },
];

/** Mounts that come out one way or the other: each asks for one thing. */
const MOUNTS: readonly (readonly [Question, Scenario])[] = [
  ...Object.entries({
    userxattr: 'userxattr',
    'uuid-option': 'uuid=on',
    'uuid-auto': 'uuid=null',
    'fsync-option': 'fsync=strict',
    verity: 'verity=off',
    'override-creds': 'override_creds',
    overriddenRedirect: 'redirect_dir=bogus,redirect_dir=on',
  } as const satisfies Partial<Record<Question, string>>).map(
    // The keys are those of the literal.
    ([question, options]) => [question as Question, mountOf({ layers: LOWERS, options })] as const,
  ),
  ['dataOnlyLower', planned({ params: [{ key: 'lowerdir', value: '@l0::@l1' }] })],
  [
    'upperWithoutWork',
    planned({
      params: [
        { key: 'lowerdir', value: '@l0' },
        { key: 'upperdir', value: '@u' },
      ],
    }),
  ],
  ['fs-context', planned({ calls: [{ call: 'string', key: 'bogus', value: 'on' }] })],
  ['layers-by-fd', planned({ calls: [layerOf('O_RDONLY')] })],
  ['configFd', planned({ calls: [layerOf('O_PATH')] })],
];

function layerOf(opened: 'O_PATH' | 'O_RDONLY'): ContextCall {
  return { call: 'fd', key: 'lowerdir+', value: '@l0', opened };
}

function mountOf(scenario: Pick<Scenario, 'layers' | 'options'>): Scenario {
  return { base: 'tmpfs', steps: [], ...scenario };
}

function planned(mount: MountPlan): Scenario {
  return { ...mountOf({ layers: [], options: '' }), mount };
}

/** Calls on an empty directory that a kernel knows or does not. */
const STEPS: readonly (readonly [Question, Step])[] = [
  [
    'overlay-tmpfile',
    { op: 'open', args: { slot: 0, path: '.', flags: ['O_TMPFILE', 'O_RDWR'], mode: 0o600 } },
  ],
  [
    'tmpfs-direct',
    { op: 'open', args: { slot: 1, path: 'f', flags: ['O_CREAT', 'O_DIRECT'], mode: 0o600 } },
  ],
  ['fchmodat2', { op: 'fchmodat2', args: { path: '.', mode: 0o755, flags: [] } }],
  [
    'unique-mount-id',
    { op: 'statx', args: { path: '.', flags: [], mask: ['STATX_MNT_ID_UNIQUE'] } },
  ],
  [
    'escaped-xattrs',
    {
      op: 'setxattr',
      args: { path: '.', name: 'trusted.overlay.overlay.x', value: '', flags: [] },
    },
  ],
  ...(['AT_HANDLE_FID', 'AT_HANDLE_CONNECTABLE'] as const).map(
    (flag): readonly [Question, Step] => [
      flag === 'AT_HANDLE_FID' ? 'handle-fid' : 'handle-connectable',
      { op: 'encodeHandle', args: { handle: 0, path: '.', flags: [flag], size: 128 } },
    ],
  ),
];

const LIES_MAX = 4;
const STEPS_SCENARIO: Scenario = {
  base: 'tmpfs',
  layers: [
    { role: 'lower', entries: [] },
    { role: 'upper', entries: [] },
  ],
  options: '',
  steps: STEPS.map(([, step]) => step),
};

/**
 * Asks a kernel for what its profile says that it can and cannot do, before anything is compared:
 * with the wrong profile every difference that follows would be about that. Only whether a call
 * succeeds is looked at, and never how options get on with one another: the rest is for campaigns
 * to find.
 */
export async function probe(kernel: Kernel): Promise<void> {
  const semantics = profileOfRelease(kernel.release);
  const [mounts, trace] = await Promise.all([
    kernel.mountEach(MOUNTS.map(([, scenario]) => scenario)),
    kernel.run(STEPS_SCENARIO),
  ]);
  const context = { semantics, environment: kernel.environment, rule: () => undefined };
  const predicted = simulate(withEpilogue(STEPS_SCENARIO), semantics, kernel.environment);
  const lies = [
    ...MOUNTS.map(([question, scenario], index) => {
      const mounted = predictMount(scenario, context);
      const result = mounted.ok ? succeed(mounted.value.view) : mounted;
      return lieAbout(question, result, mounts[index]);
    }),
    ...STEPS.map(([question], index) => {
      return lieAbout(question, predicted[index + 1]?.result, trace[index + 1]?.result);
    }),
  ].filter((lie) => lie !== null);
  if (lies.length === 0) return;
  const first = lies.slice(0, LIES_MAX).join('; ');
  const more = lies.length > LIES_MAX ? `; and ${lies.length - LIES_MAX} more` : '';
  throw new HarnessError(
    'unfit-kernel',
    `kernel ${kernel.release} is not what its profile ${semantics.id} says: ${first}${more}`,
  );
}

function lieAbout(
  question: Question,
  predicted: Prediction<unknown> | undefined,
  observed: Observation<unknown> | undefined,
): string | null {
  if (predicted === undefined || observed === undefined) return `${question}: nothing came back`;
  const said: readonly string[] = predicted.ok ? [whatOf(predicted.value)] : predicted.anyOf;
  const seen = observed.ok ? whatOf(observed.value) : String(observed.errno);
  if (said.includes(seen)) return null;
  return `${question}: ${said.join(' or ')} by the profile, ${seen} here`;
}

/** Of a success that tells more: what calls on a context returned, and what statx(2) told of. */
function whatOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return 'success';
  if ('results' in value && Array.isArray(value.results)) return value.results.join(' ');
  return 'mask' in value ? `mask ${String(value.mask)}` : 'success';
}
