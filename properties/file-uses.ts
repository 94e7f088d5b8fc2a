import type { OpName, Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { chance, pick, spin, wheel } from './draw.ts';
import { parentOf } from './guess.ts';
import { inPlaceOfSome } from './in-place.ts';
import { randomAt } from './random.ts';
import type { Scope } from './scope.ts';
import { drawArgs } from './step-args.ts';

const SHARE = { scenariosPercent: 15, stepsMax: 5 };
const STREAM = 0x1000_0000;

const USES = wheel<OpName>([
  ['setStatusFlags', 3],
  ['watch', 2],
  ['watchChange', 2],
]);

export const FILE_USE_OPS: ReadonlySet<OpName> = new Set(USES.values);

/** Puts rarer uses of files in the place of some steps; most scenarios are left as they are. */
export function withFileUses(seed: number, index: number, scenario: Scenario): Scenario {
  const random = randomAt(seed, index ^ STREAM);
  return inPlaceOfSome(random, scenario, SHARE, (scope, { old, isChosen }) => {
    const op = spin(random, USES);
    const isFirst = op === 'watch' && chance(random, 60);
    const first = isFirst ? { path: scope.lowerOnly('file'), flags: ['O_RDWR'] } : {};
    // Drawn by the table of this very operation.
    const drawn = { op, args: { ...drawArgs(scope, op), ...first } } as unknown as Step;
    const use = drawn.op === 'watchChange' ? watchedChange(scope, drawn.args) : drawn;
    const isUse = isChosen && old.op !== 'open';
    // What remounts is not done by just anybody.
    const isOwn = use.op === 'watchChange' && use.args.caches === 'dropped';
    return isUse ? { ...use, ...(old.as === undefined || isOwn ? {} : { as: old.as }) } : old;
  });
}

type WatchArgs = Extract<Step, { op: 'watchChange' }>['args'];

/** Mostly what is watched is what changes, by this name or another, or the directory it is in. */
function watchedChange(scope: Scope, args: WatchArgs): Step {
  const { random } = scope;
  const { change } = args;
  const name = nameToChange(scope, change);
  const to = change === 'exchange' ? scope.path() : scope.newPath();
  const watched = { ...args, name, to };
  const over = change === 'rename' && chance(random, 25) ? scope.path('file', 'dir') : null;
  if (over !== null) return { op: 'watchChange', args: { ...watched, to: over, path: over } };
  const links = change === 'mkdir' ? [] : scope.links;
  if (links.length > 0 && chance(random, 40)) {
    const [path, other] = pick(random, links);
    return {
      op: 'watchChange',
      args: { ...watched, path, name: chance(random, 70) ? other : path },
    };
  }
  const path = pick(random, [name, name, name, parentOf(name), parentOf(to), args.path]);
  return { op: 'watchChange', args: { ...watched, path } };
}

function nameToChange(scope: Scope, change: WatchArgs['change']): string {
  const isFile = change === 'write' || change === 'truncate';
  if (change === 'mkdir') return scope.newPath();
  if (change === 'rmdir') return scope.emptyDir();
  if (chance(scope.random, 30)) return scope.lowerOnly('file', 'dir');
  if (change === 'write' && chance(scope.random, 20)) return scope.newPath();
  return isFile ? scope.path('file') : scope.path();
}
