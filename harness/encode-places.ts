import { PLACE_POINTS, placeOf } from '../model/mount-places.ts';
import type { Leftover, PlacePoint } from '../model/mount-places.ts';
import type { MountPlan } from '../model/mount-plan.ts';
import { AT_FDCWD, MNT_DETACH, MS_BIND, MS_RDONLY, MS_REMOUNT } from './constants.ts';
import { makeDir, unmount } from './guest-calls.ts';
import type { ProgramBuilder } from './protocol/program.ts';

const S_IFREG = 0o100000;
/** A folder of this name has the layers of another overlay, which is mounted as long as we look. */
const BUSY = 'busy';
const LEFTOVERS: Readonly<Record<Leftover, readonly string[]>> = {
  incompatible: ['work', 'work/incompat', 'work/incompat/x'],
  'nothing incompatible': ['work', 'work/incompat'],
  'too deep': ['work', 'work/a', 'work/a/b', 'work/a/b/c'],
  'a file': [],
};

/** The places that a plan names, with the mounts they are in; relative names begin here. */
export function makePlaces(program: ProgramBuilder, own: string, plan: MountPlan): void {
  makeDir(program, own);
  const names = placesOf(plan);
  const points = pointsOf(names);
  const isBound = (point: PlacePoint): boolean => PLACE_POINTS[point].type === 'bind';
  for (const point of points) if (!isBound(point)) mountPoint(program, own, point);
  for (const name of names) makePlace(program, own, name);
  if (names.includes(BUSY)) {
    for (const dir of ['busy/l', 'busy/u', 'busy/w', 'busy.m']) {
      if (!names.includes(dir)) makeDir(program, `${own}/${dir}`);
    }
    mountOverlay(program, own, 'busy.m', ['busy/l', 'busy/u', 'busy/w']);
  }
  for (const point of points) if (isBound(point)) mountPoint(program, own, point);
  if (isRelative(plan)) program.call('chdir', [{ input: `${own}\0` }]);
}

function makePlace(program: ProgramBuilder, own: string, name: string): void {
  const place = placeOf(name);
  const where = `${own}/${name}`;
  if (name in PLACE_POINTS || place?.mount === 'bind' || place?.mount === 'ro') return;
  if (place?.type === 'file') {
    makeFile(program, where);
    return;
  }
  makeDir(program, where);
  if (place?.leftover === undefined) return;
  for (const dir of LEFTOVERS[place.leftover]) makeDir(program, `${where}/${dir}`);
  if (place.leftover === 'a file') makeFile(program, `${where}/work`);
}

function makeFile(program: ProgramBuilder, where: string): void {
  program.call('mknodat', [AT_FDCWD, { input: `${where}\0` }, S_IFREG | 0o644, 0]);
}

function mountPoint(program: ProgramBuilder, own: string, point: PlacePoint): void {
  const where = `${own}/${point}`;
  const spec = PLACE_POINTS[point];
  makeDir(program, where);
  if (spec.type === 'bind') {
    mountAt(program, where, `${own}/${spec.from}`, { flags: MS_BIND });
    const flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
    if (spec.isReadOnly) mountAt(program, where, 'none', { flags });
    return;
  }
  if (spec.type !== 'overlay') {
    mountAt(program, where, spec.type, { type: spec.type });
    return;
  }
  const dirs = ['l', 'u', 'w'].map((name) => `${point}.${name}`);
  for (const dir of dirs) makeDir(program, `${own}/${dir}`);
  mountOverlay(program, own, point, [spec.on ?? dirs[0] ?? '', ...dirs.slice(1)]);
}

function mountOverlay(
  program: ProgramBuilder,
  own: string,
  point: string,
  layers: readonly string[],
): void {
  const [lower = '', upper = '', work = ''] = layers.map((name) => `${own}/${name}`);
  const data = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  mountAt(program, `${own}/${point}`, 'overlay', { type: 'overlay', data });
}

/** In the order in which they are mounted, with what they are mounted on. */
function pointsOf(names: readonly string[]): readonly PlacePoint[] {
  // The keys are those of the table.
  return (Object.keys(PLACE_POINTS) as PlacePoint[]).filter(
    (point) => names.includes(point) || (point === 'ovl' && names.includes('ovl2')),
  );
}

export function unmakePlaces(program: ProgramBuilder, own: string, plan: MountPlan): void {
  if (isRelative(plan)) program.call('chdir', [{ input: '/\0' }]);
  const names = placesOf(plan);
  for (const point of pointsOf(names).toReversed()) unmount(program, `${own}/${point}`, MNT_DETACH);
  if (names.includes(BUSY)) unmount(program, `${own}/busy.m`, MNT_DETACH);
}

function isRelative(plan: MountPlan): boolean {
  return 'calls' in plan || plan.isRelative === true;
}

/** Every place that a plan names and the directories it is in, these first. */
function placesOf(plan: MountPlan): readonly string[] {
  const values =
    'calls' in plan
      ? plan.calls.map((call) => ('value' in call ? call.value : ''))
      : plan.params.map(({ value }) => value);
  const names = new Set<string>();
  for (const name of values.flatMap(namesIn)) {
    for (const parent of withParents(name)) {
      // What a bind mount shows is made where it comes from.
      const at = placeOf(parent)?.at;
      if (at !== undefined && at !== parent) for (const dir of withParents(at)) names.add(dir);
      names.add(parent);
    }
  }
  return [...names];
}

/** What stands behind each `@`, without the escapes and separators of a list; if it is a place. */
function namesIn(value: string): readonly string[] {
  return value
    .split('@')
    .slice(1)
    .map((piece) => piece.replace(/:+$/, '').replaceAll(/\\(.)/g, '$1').replaceAll(/\/+/g, '/'))
    .map((name) => name.replace(/\/$/, ''))
    .filter((name) => placeOf(name) !== undefined);
}

function withParents(path: string): readonly string[] {
  const names = path.split('/');
  return names.map((_, count) => names.slice(0, count + 1).join('/'));
}

function mountAt(
  program: ProgramBuilder,
  where: string,
  what: string,
  how: { readonly type?: string; readonly flags?: number; readonly data?: string },
): void {
  const { type = 'none', flags = 0, data } = how;
  const input = data === undefined ? 0 : { input: `${data}\0` };
  const text = (value: string): { readonly input: string } => ({ input: `${value}\0` });
  program.call('mount', [text(what), text(where), text(type), flags, input]);
}
