import type fc from 'fast-check';
import { resolveOptions } from '../model/overlay/params.ts';
import { KERNELS } from '../model/semantics/kernels.ts';
import { profileNamed, profileOfRelease, resolveProfile } from '../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { chance, pick, spin, wheel } from './draw.ts';
import type { Wheel } from './draw.ts';

/** Each mount with options of its own, out of all that are modelled. */
export const ANY_OPTIONS = 'any';

/** What each option may be, with weights; the empty text leaves it to the module. */
const CHOICES: readonly Wheel<string>[] = [
  choices(
    ['', 5],
    ['redirect_dir=on', 8],
    ['redirect_dir=off', 2],
    ['redirect_dir=follow', 4],
    ['redirect_dir=nofollow', 4],
  ),
  choices(['', 8], ['index=on', 8], ['index=off', 3]),
  choices(['', 11], ['nfs_export=on', 7], ['nfs_export=off', 2]),
  choices(['', 10], ['metacopy=on', 7], ['metacopy=off', 3]),
  choices(['', 8], ['xino=on', 5], ['xino=off', 3], ['xino=auto', 4]),
  choices(['', 12], ['uuid=on', 2], ['uuid=off', 3], ['uuid=null', 2], ['uuid=auto', 1]),
  choices(['', 16], ['userxattr', 4]),
  choices(['', 14], ['volatile', 2], ['fsync=volatile', 2], ['fsync=strict', 1], ['fsync=auto', 1]),
  choices(['', 16], ['verity=on', 2], ['verity=require', 2], ['verity=off', 1]),
  choices(['', 19], ['default_permissions', 1]),
];

/** What makes mounts write or read marks in layers, and the values that it has. */
export const FEATURES: readonly (readonly [key: string, ...values: readonly string[]])[] = [
  ['redirect_dir', 'on', 'off', 'follow', 'nofollow', 'nofollow'],
  ['metacopy', 'on', 'off'],
  ['index', 'on', 'off'],
  ['nfs_export', 'on', 'off'],
  ['xino', 'on', 'off', 'auto'],
];

/** Directories of lower layers can be renamed. */
export const IS_REDIRECTED = /(^|,)(redirect_dir|metacopy)=on/;
/** Handles can be opened only where they are exported. */
export const IS_EXPORTED = /(^|,)nfs_export=on/;
export const IS_INDEXED = /(^|,)index=on/;
export const IS_METACOPY = /(^|,)metacopy=(on|upper)/;
export const IS_VOLATILE = /(^|,)(fsync=)?volatile(,|$)/;

/** A mount string that the kernel refuses, or one of a feature that is not modelled, is rare. */
const REFUSED_PERCENT = 3;
const TRIES_MAX = 50;

/** Whose options are drawn, and of a mount of which layers. */
export interface OptionsOf {
  readonly semantics: Semantics;
  readonly hasUpper: boolean;
}

/** The semantics that options are drawn for: those of the newest kernel, unless one is named. */
export function semanticsOf(release: string | undefined): Semantics {
  if (release === undefined) return resolveProfile(newestId());
  return profileNamed(release) ?? profileOfRelease(release);
}

function newestId(): string {
  return KERNELS.at(-1)?.id ?? KERNELS[0].id;
}

/** A mount string that the model knows all about. */
export function drawOptions(random: fc.Random, of: OptionsOf): string {
  const mayBeRefused = chance(random, REFUSED_PERCENT);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const drawn = CHOICES.map((choice) => spin(random, choice));
    const options = drawn.filter((option) => option !== '').join(',');
    const resolved = resolve(options, of);
    if (resolved.ok || mayBeRefused) return options;
  }
  return '';
}

/** The same but for one feature, which is on, off or between; as it was where nothing else goes. */
export function drawOtherValue(random: fc.Random, options: string, of: OptionsOf): string {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const on = FEATURES.filter(([name]) => options.includes(`${name}=on`));
    const isTurnedOff = on.length > 0 && chance(random, 60);
    const [key, ...values] = pick(random, isTurnedOff ? on : FEATURES);
    const others = options.split(',').filter((option) => !option.startsWith(`${key}=`));
    const changed = [...others, `${key}=${pick(random, values)}`];
    const drawn = changed.filter((option) => option !== '').join(',');
    const resolved = resolve(drawn, of);
    if (drawn !== options && resolved.ok) return drawn;
  }
  return options;
}

/** One after which the layers can be mounted again, mostly. */
export function drawMountAgain(random: fc.Random, drawAny: () => string): string {
  const options = drawAny();
  return IS_VOLATILE.test(options) && chance(random, 80) ? drawAny() : options;
}

/** Whether the kernel takes such a mount string, by its model. */
export function isMountable(options: string, of: OptionsOf): boolean {
  return resolve(options, of).ok;
}

function resolve(options: string, { semantics, hasUpper }: OptionsOf) {
  const context = { semantics, environment: USUAL_ENVIRONMENT, rule: () => undefined };
  return resolveOptions(options, hasUpper, context);
}

function choices(...weights: readonly (readonly [option: string, weight: number])[]) {
  return wheel(weights);
}
