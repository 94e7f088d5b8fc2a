import { errnoName } from '../model/errno.ts';
import { BENEATH_RECIPE, BESIDE_RECIPE } from './around-recipes.ts';
import { EDIT_RECIPE } from './offline-recipes.ts';
import type { CallResult } from './protocol/results.ts';

/** How a mount went that nothing is seen of. */
export function sayMount(call: CallResult | undefined): string {
  const value = call?.value ?? 0;
  return value < 0 ? (errnoName(-value) ?? String(-value)) : 'mounted';
}

/** How the mount went, and what was done through it where it was there. */
export function decodeBeside(calls: readonly CallResult[]): string {
  const mounted = sayMount(calls.at(BESIDE_RECIPE.mount));
  const changes = calls.slice(BESIDE_RECIPE.from, BESIDE_RECIPE.umount);
  const failed = changes.find(({ value }) => value < 0);
  if (mounted !== 'mounted' || failed === undefined) return mounted;
  return `${mounted}, ${sayMount(failed)}`;
}

/** How the change of the upper layer went, and the call after it. */
export function decodeBeneath(calls: readonly CallResult[]): string {
  const { change, call } = BENEATH_RECIPE;
  return [calls.at(change), calls.at(call)].map(sayCall).join(', ');
}

/** How the calls between unmount and mount went: the first that failed tells. */
export function decodeEdit(calls: readonly CallResult[]): string {
  const edits = calls.slice(EDIT_RECIPE.from, EDIT_RECIPE.mount);
  return sayCall(edits.find((call) => call.value < 0));
}

function sayCall(call: CallResult | undefined): string {
  const value = call?.value ?? 0;
  return value < 0 ? (errnoName(-value) ?? String(-value)) : 'done';
}
