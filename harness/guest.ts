import { dataPaths, lowerPaths, lowerString } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';

/**
 * Where a scenario lives in the guest. The mount point is inside of the scenario's own tmpfs, so
 * that steps on a mount that failed leave nothing behind.
 */
export const GUEST = {
  base: '/b',
  layers: '/b/s',
  merged: '/b/m',
  beside: '/b/o',
  second: '/b/q',
  nfs: '/b/n',
  exported: '/b/e',
  proc: '/b/p',
} as const;

/** A path of a scenario as the guest knows it. The root of the overlay or layer keeps its dot. */
export function guestPath(path: string, root: string = GUEST.merged): string {
  return path === '' ? '' : `${root}/${path}`;
}

/** The data argument of the overlay mount; `own` is the folder of the upper layer. */
export function mountDataOf(scenario: Scenario, own: string = GUEST.layers): string {
  const { layers, options, mount } = scenario;
  if (mount !== undefined && 'params' in mount) {
    const params = mount.params.map(({ key, value }) => `${key}=${value}`).join(',');
    const folder = mount.isRelative === true ? '' : `${own}/`;
    return [params.replaceAll('@', folder), ...(options === '' ? [] : [options])].join(',');
  }
  const inGuest = (path: string): string => `${GUEST.layers}/${path}`;
  const lowers = lowerPaths(scenario).map(inGuest);
  const hasUpper = layers.some(({ role }) => role === 'upper');
  const dirs = [
    `lowerdir=${lowerString(lowers, dataPaths(scenario).map(inGuest))}`,
    ...(hasUpper ? [`upperdir=${own}/u`, `workdir=${own}/w`] : []),
  ];
  return [...dirs, ...(options === '' ? [] : [options])].join(',');
}

/** Where slots of mapped memory lie in the executor: far from all else on every architecture. */
const MAPS_AT = 0x10_0000_0000;
/** From one slot to the next: more than a file has. */
export const MAP_BYTES = 0x100_0000;

export function mapAddress(map: number): number {
  return MAPS_AT + map * MAP_BYTES;
}
