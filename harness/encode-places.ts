import { BIND, OTHER, placeOf } from '../model/mount-plan.ts';
import type { MountPlan } from '../model/mount-plan.ts';
import { AT_FDCWD, MNT_DETACH, MS_BIND } from './constants.ts';
import { makeDir, unmount } from './guest-calls.ts';
import type { ProgramBuilder } from './protocol/program.ts';

const S_IFREG = 0o100000;

/** The places that a plan names, with the mounts they are in; relative names begin here. */
export function makePlaces(program: ProgramBuilder, own: string, plan: MountPlan): void {
  makeDir(program, own);
  const names = placesOf(plan);
  if (names.includes(OTHER)) {
    makeDir(program, `${own}/${OTHER}`);
    mountAt(program, `${own}/${OTHER}`, 'tmpfs', 0);
  }
  for (const name of names) {
    const place = placeOf(name);
    if (place?.mount === 'bind' || name === OTHER) continue;
    if (place?.type === 'file') {
      program.call('mknodat', [AT_FDCWD, { input: `${own}/${name}\0` }, S_IFREG | 0o644, 0]);
    } else {
      makeDir(program, `${own}/${name}`);
    }
  }
  if (names.includes(BIND.to)) {
    makeDir(program, `${own}/${BIND.to}`);
    mountAt(program, `${own}/${BIND.to}`, `${own}/${BIND.from}`, MS_BIND);
  }
  if (isRelative(plan)) program.call('chdir', [{ input: `${own}\0` }]);
}

export function unmakePlaces(program: ProgramBuilder, own: string, plan: MountPlan): void {
  if (isRelative(plan)) program.call('chdir', [{ input: '/\0' }]);
  const names = placesOf(plan);
  for (const place of [BIND.to, OTHER]) {
    if (names.includes(place)) unmount(program, `${own}/${place}`, MNT_DETACH);
  }
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
      const isBound = parent === BIND.to || parent.startsWith(`${BIND.to}/`);
      if (isBound) names.add(BIND.from + parent.slice(BIND.to.length));
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

function mountAt(program: ProgramBuilder, where: string, what: string, flags: number): void {
  const type = { input: 'tmpfs\0' };
  program.call('mount', [{ input: `${what}\0` }, { input: `${where}\0` }, type, flags, 0]);
}
