import { OPS } from '../../model/ops/index.ts';
import type { Step } from '../../model/ops/index.ts';
import type { ResultKind } from '../../model/ops/op.ts';
import type { Errno } from '../../model/errno.ts';
import type { Prediction } from '../../model/prediction.ts';
import { BENEATH_RECIPE, BESIDE_RECIPE, BUSY_RECIPE } from '../around-recipes.ts';
import { EDIT_RECIPE } from '../offline-recipes.ts';
import type { Instruction } from '../protocol/read-program.ts';
import { MOUNT_RECIPE, OTHER_MOUNT_RECIPE, TELLING_CALLS } from '../recipes.ts';
import { hears, TOLD_RECIPE } from '../watch-recipe.ts';

/** What is expected of a call; the first of several to fail may be what tells. */
export type Wanted = 'first' | 'tell' | Prediction<unknown>;

export interface Expectations {
  /** By where the call is; nothing is expected of others. */
  readonly wanted: ReadonlyMap<number, Wanted>;
  /** What is left to check after all calls. */
  readonly end: readonly string[];
}

const SUCCESS: Prediction<unknown> = { ok: true, value: null };

type Expecting = (all: readonly Instruction[], predicted: Prediction<unknown>) => Expectations;

/** Steps whose results are told by more than whether their calls fail. */
const OWN: Readonly<Partial<Record<ResultKind, Expecting>>> = {
  edit: (all, predicted) => {
    const to = all.length + EDIT_RECIPE.mount;
    const places = range(EDIT_RECIPE.from, to);
    const isShell = places.some((at) => all[at]?.op === 'tree');
    const around = new Map([
      [EDIT_RECIPE.umount, SUCCESS],
      [to, predicted.ok ? SUCCESS : predicted],
    ]);
    const edit = predicted.ok ? failureOf(predicted.value, 'done') : null;
    if (!predicted.ok || (isShell && edit !== null)) return { wanted: around, end: [] };
    return merge(around, edit === null ? allOf(places, SUCCESS) : oneOf(places, [edit]));
  },
  otherMount: (all, predicted) => withMount(all, predicted, [OTHER_MOUNT_RECIPE.other]),
  busyMount: (all, predicted) => withMount(all, predicted, [BUSY_RECIPE.busy]),
  beneath: (all, predicted) =>
    withMount(all, predicted, [BENEATH_RECIPE.change, BENEATH_RECIPE.call]),
  told: (all, predicted) => {
    const watch: [number, Prediction<unknown>] = [TOLD_RECIPE.watch, predicted];
    if (!predicted.ok) return { wanted: new Map([watch]), end: [] };
    const around = new Map([[TOLD_RECIPE.watch, SUCCESS]]);
    const [from = 0, to = 0] = [...all.keys()].filter((at) => hears(all[at]));
    const [went = ''] = String(predicted.value).split(', ');
    // What is not the word for success are errnos.
    const errnos = went === 'done' ? [] : (went.split(' or ') as Errno[]);
    const places = range(from + 1, to);
    return merge(around, errnos.length === 0 ? allOf(places, SUCCESS) : oneOf(places, errnos));
  },
  beside: (all, predicted) => {
    const changes = range(BESIDE_RECIPE.from, all.length + BESIDE_RECIPE.umount);
    const said = predicted.ok && typeof predicted.value === 'string' ? predicted.value : '';
    const [mounted = '', change] = said.split(', ');
    const failure = failureOf(mounted, 'mounted');
    if (failure !== null)
      return { wanted: new Map([[BESIDE_RECIPE.mount, failing([failure])]]), end: [] };
    const mount = new Map([[BESIDE_RECIPE.mount, SUCCESS]]);
    // What the model says is an errno.
    const errnos = change === undefined ? [] : [change as Errno];
    return merge(mount, errnos.length === 0 ? allOf(changes, SUCCESS) : oneOf(changes, errnos));
  },
};

export function expectationsOf(
  step: Step,
  all: readonly Instruction[],
  predicted: Prediction<unknown>,
): Expectations {
  const { result } = OPS[step.op];
  const own = OWN[result]?.(all, predicted);
  if (own !== undefined) return own;
  const telling = (TELLING_CALLS[step.op] ?? [-1]).map((at) => (at < 0 ? all.length + at : at));
  const [only = 0] = telling;
  if (telling.length === 1) {
    const isCount = result === 'count' || !predicted.ok;
    const wanted = isCount ? predicted : { ...predicted, value: null };
    return { wanted: new Map([[only, wanted]]), end: [] };
  }
  return predicted.ok ? allOf(telling, SUCCESS) : oneOf(telling, predicted.anyOf);
}

/** What was told of some calls, and then this mount again. */
function withMount(
  all: readonly Instruction[],
  predicted: Prediction<unknown>,
  places: readonly number[],
): Expectations {
  const mountAt = all.length + MOUNT_RECIPE.mount;
  if (!predicted.ok) return { wanted: new Map([[mountAt, predicted]]), end: [] };
  const words = String(predicted.value).split(', ');
  const told = places.map((at, index): [number, Prediction<unknown>] => {
    const word = words[index];
    const isDone = word === 'mounted' || word === 'done';
    // What is not the word for success is an errno.
    return [all.length + at, isDone ? SUCCESS : failing([word as Errno])];
  });
  return { wanted: new Map([...told, [mountAt, SUCCESS]]), end: [] };
}

function failureOf(value: unknown, success: string): Errno | null {
  // What is not the word for success is an errno.
  return value === success ? null : (value as Errno);
}

function failing(anyOf: readonly Errno[]): Prediction<unknown> {
  return { ok: false, anyOf };
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

function allOf(places: readonly number[], wanted: Wanted): Expectations {
  return { wanted: new Map(places.map((at) => [at, wanted])), end: [] };
}

function oneOf(places: readonly number[], errnos: readonly Errno[]): Expectations {
  const [only] = places;
  if (places.length === 1 && only !== undefined) {
    return { wanted: new Map([[only, failing(errnos)]]), end: [] };
  }
  const wanted = places.map((at, index) => [at, index === 0 ? 'first' : 'tell'] as const);
  return { wanted: new Map(wanted), end: [`fails_with(${errnos.join(', ')});`] };
}

function merge(around: ReadonlyMap<number, Wanted>, { wanted, end }: Expectations): Expectations {
  return { wanted: new Map([...around, ...wanted]), end };
}
