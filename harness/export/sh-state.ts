import { BASE_PROFILES } from '../../model/bases.ts';
import { dataPaths, lowerPaths, mountPointOf } from '../../model/scenario.ts';
import type { Reproducer } from './reproducer.ts';
import { refuseForShell } from './sh-layers.ts';
import { stateText } from './state-text.ts';

/** A tree that is looked at: where it is, and what it is called. */
export interface Shown {
  readonly place: string;
  readonly name: string;
}

/** getfattr(1) passes over xattrs whose values cannot be read. */
const UNREADABLE = / [a-z]+\.[^ =]+=E[A-Z]+/;

/** stat(1) tells no flags. Those of a file system that never changes go without saying. */
const FLAGS = / flags=0x[0-9a-f]+/;

/** Everything there is after a step, as the model has it; null where that is not one thing. */
export function stateAfter(
  { predicted, scenario }: Reproducer,
  index: number,
): readonly string[] | null {
  const prediction = predicted[index];
  const text =
    prediction === undefined ? null : stateText(prediction, { hasInos: hasInos(scenario) });
  if (text?.some((line) => UNREADABLE.test(line)) === true) refuseForShell('an unreadable xattr');
  const flagged = text?.find((line) => FLAGS.test(line) && !isReadOnly(scenario, line));
  if (flagged !== undefined) refuseForShell(`flags of ${flagged.replace(/ .*/, '')}`);
  return text?.map((line) => line.replace(FLAGS, '')) ?? null;
}

function isReadOnly({ otherBases = [] }: Reproducer['scenario'], line: string): boolean {
  return otherBases.some((base, index) => {
    return line.startsWith(mountPointOf(index + 1)) && BASE_PROFILES[base].isReadOnly;
  });
}

/** Several file systems may have the same number for different objects. */
function hasInos({ otherBases = [] }: Reproducer['scenario']): boolean {
  return otherBases.length === 0;
}

/** The overlay, and then all that lies below it, in the order in which names are numbered. */
export function rootsOf({ scenario }: Reproducer): readonly string[] {
  const all = [...lowerPaths(scenario), ...dataPaths(scenario), 'u', 'w'];
  // What is on another file system is below its root.
  const tops = new Set(all.map((path) => path.replace(/\/.*/, '')));
  return ['m', ...[...tops].toSorted()];
}

/** A function of a script that prints all there is. */
export function lookFunction(reproducer: Reproducer, shown: readonly Shown[]): string {
  const walks = shown.map(({ place, name }) => `\t\twalk ${place} ${name}`);
  const filter = hasInos(reproducer.scenario) ? 'number_inos' : 'drop_inos';
  return ['look()', '{', '\t{', ...walks, `\t} | ${filter} | sort`, '}'].join('\n');
}
