import { fsOfIno } from '../ino.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { RuleId } from '../rules.ts';
import type { Overlay, RealInode } from '../state.ts';
import type { Parts } from './inode.ts';
import { noteMixedHandles } from './uuid.ts';
import { isMetacopyFile, originInoOf, redirectOf } from './xattrs.ts';

/**
 * What a file handle does not lead to by itself: the data of a file that has attributes only. No
 * name is known, by which lookup would find it, so each such file has to say what it is a copy of.
 */
export function withDataBelow(context: Context, parts: Parts): Prediction<Parts> {
  const { config, marks } = context.world.overlay;
  const { upper, lowers } = parts;
  const [first] = lowers;
  const top = upper ?? first;
  const isUnchecked = context.semantics.behaviour.exportOfMetacopy === 'unchecked';
  if (top === undefined || !config.metacopy || isUnchecked) return succeed(parts);
  const isUpperMetacopy = upper !== null && isMetacopyFile(marks, upper);
  if (upper !== null && !isUpperMetacopy) return succeed(parts);
  const below = isUpperMetacopy ? (first ?? decodeOrigin(context, upper)) : top;
  const foundBy = stateOf(context, upper, below);
  if (foundBy !== null) context.rule(foundBy);
  const data = below === null ? null : dataOfLower(context, below);
  if (below === null || data === null) return fail('ESTALE');
  if (!config.metacopyBelow && isMetacopyFile(marks, below)) return fail('ESTALE');
  const { real, dataPath } = data;
  const redirect = upper === null ? null : redirectOf(marks, upper);
  const found = real === null || real === below ? [below] : [below, real];
  const whole = { ...parts, isUpperMetacopy, redirect, dataPath, lowers: found };
  return succeed(foundBy === null ? whole : { ...whole, foundBy });
}

/** What is in the way from attributes to data; null for a lower file that has both. */
function stateOf(
  { world: { overlay } }: Context,
  upper: RealInode | null,
  below: RealInode | null,
): RuleId | null {
  const isBelowMetacopy = below !== null && isMetacopyFile(overlay.marks, below);
  if (upper === null) return isBelowMetacopy ? 'handle/of-lower-metacopy' : null;
  if (isBelowMetacopy) return 'handle/of-metacopy-over-metacopy';
  // The index is the only directory that it is in.
  if (upper.nlink === 1 && isIndexed(overlay, upper)) return 'handle/of-nameless-metacopy';
  const leadsThere = (path: string): boolean => firstBelow(overlay, path) === below;
  const paths = pathsBelow(overlay, upper);
  return paths.every(leadsThere) ? 'handle/of-metacopy' : 'handle/of-metacopy-of-moved';
}

function isIndexed({ index }: Overlay, upper: RealInode): boolean {
  return [...(index?.entries.values() ?? [])].includes(upper);
}

/** Where the names of an upper file, and what they say of redirects, lead to in lower layers. */
function pathsBelow({ upper: root, marks }: Overlay, file: RealInode): readonly string[] {
  const paths: string[] = [];
  const search = (dir: RealInode, dirBelow: string): void => {
    for (const [name, real] of dir.entries) {
      const path = (redirectOf(marks, real) ?? name).replace(/^(?!\/)/, `${dirBelow}/`);
      if (real === file) paths.push(path);
      if (real.type === 'dir') search(real, path);
    }
  };
  if (root !== null) search(root, '');
  return paths;
}

/** The top most lower file at a path, as long as no directory on the way is another one below. */
function firstBelow({ lowers }: Overlay, path: string): RealInode | null {
  const names = path.split('/').filter((name) => name !== '');
  for (const root of lowers) {
    const at = names.reduce<RealInode | undefined>((dir, name) => dir?.entries.get(name), root);
    if (at !== undefined) return at;
  }
  return null;
}

/** Where the data of a lower file is: in a merged layer, or at a path in the data-only ones. */
interface DataBelow {
  readonly real: RealInode | null;
  readonly dataPath: string | null;
}

/** A lower file has data itself, or by one origin after the other; else it may name a path. */
function dataOfLower(context: Context, lower: RealInode): DataBelow | null {
  const { marks, dataLayers } = context.world.overlay;
  const seen = new Set<RealInode>();
  for (let at = lower; isMetacopyFile(marks, at);) {
    const redirect = redirectOf(marks, at);
    const origin = decodeOrigin(context, at);
    if (origin === null || seen.has(origin)) {
      const isPath = dataLayers.length > 0 && redirect?.startsWith('/') === true;
      return isPath ? { real: null, dataPath: redirect } : null;
    }
    seen.add(origin);
    at = origin;
    if (!isMetacopyFile(marks, at)) return { real: at, dataPath: null };
  }
  return { real: lower, dataPath: null };
}

/** What is below a file with attributes only, where lookup goes by origins; null to go by name. */
export function dataByOrigin(context: Context, above: RealInode | null): RealInode[] | null {
  const { config } = context.world.overlay;
  if (above === null || !config.metacopy) return null;
  if (context.semantics.behaviour.metacopyData !== 'by origin') return null;
  const origin = decodeOrigin(context, above);
  const data = origin === null ? null : dataOfLower(context, origin);
  if (origin === null || data?.real == null) return null;
  context.rule('metacopy/by-origin');
  return data.real === origin ? [origin] : [origin, data.real];
}

/** Whether an object notes another one as its origin than what a name led to, and that matters. */
export function isNotOrigin(
  { world, semantics, rule }: Context,
  above: RealInode | null,
  found: RealInode,
): boolean {
  if (above === null || semantics.behaviour.originCheck !== 'wherever one is noted') return false;
  const ino = originInoOf(world, above);
  if (ino === null || ino === found.ino) return false;
  if (!isTraceable(world.overlay, ino)) return false;
  rule('origin/contradicts-name');
  return true;
}

/** The object that one was copied up from, where it is still there. */
export function decodeOrigin(context: Context, upper: RealInode): RealInode | null {
  const { world, rule } = context;
  const ino = originInoOf(world, upper);
  if (ino !== null) noteMixedHandles(context, 'origin/of-several-without-uuid');
  if (ino === null || !isTraceable(world.overlay, ino)) return null;
  const origin = world.fs.byIno.get(ino);
  if (origin === undefined || origin.nlink === 0 || origin.type !== upper.type) return null;
  rule('origin/decoded');
  return origin;
}

/** Whether the file system of an object has a lower layer, and handles that are believed. */
function isTraceable({ lowers, dataLayers, untraceable }: Overlay, ino: number): boolean {
  const fs = fsOfIno(ino);
  const isOfLayer = [...lowers, ...dataLayers].some((root) => fsOfIno(root.ino) === fs);
  return isOfLayer && !untraceable.has(fs);
}
