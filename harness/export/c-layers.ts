import { BASE_PROFILES, keepsXattr } from '../../model/bases.ts';
import { planLayer } from '../../model/layer-plan.ts';
import type { PlannedEntry } from '../../model/layer-plan.ts';
import { dataPaths, lowerPaths } from '../../model/scenario.ts';
import type { LayerSpec } from '../../model/scenario.ts';
import { FILE_XFLAGS, flagBits } from '../constants.ts';
import { escaped } from '../encode-layer.ts';
import { bitNames, cString, octal } from './c-text.ts';
import { XFLAGS } from './c-pointers.ts';
import type { Reproducer } from './reproducer.ts';

/** A layer, where it is, and all that is in it. */
export interface PlannedLayer {
  readonly path: string;
  readonly what: string;
  readonly planned: readonly PlannedEntry[];
}

const NO_LAYER: LayerSpec = { role: 'upper', entries: [] };

/** Every layer of a reproducer, as the model numbers them: their numbers are in time stamps. */
export function layersOf(reproducer: Reproducer): readonly PlannedLayer[] {
  const { scenario } = reproducer;
  const { layers } = scenario;
  const ofRole = (wanted: LayerSpec['role']): readonly LayerSpec[] =>
    layers.filter(({ role }) => role === wanted);
  const lowers = ofRole('lower').map((layer, index) => ({
    path: lowerPaths(scenario)[index] ?? '',
    what: `Lower layer ${index}`,
    planned: madeOn(layer, index, reproducer),
  }));
  const [upper = NO_LAYER] = ofRole('upper');
  const data = ofRole('data').map((layer, index) => ({
    path: dataPaths(scenario)[index] ?? '',
    what: `Data-only layer ${index}`,
    planned: madeOn(layer, lowers.length + 1 + index, reproducer),
  }));
  return [
    ...lowers,
    { path: 'u', what: 'The upper layer', planned: madeOn(upper, lowers.length, reproducer) },
    ...data,
  ];
}

/** What a file system refuses is left out, as the model has it. */
function madeOn(
  layer: LayerSpec,
  index: number,
  { scenario, semantics }: Reproducer,
): readonly PlannedEntry[] {
  const { on = 0 } = layer;
  const base = (on === 0 ? undefined : scenario.otherBases?.[on - 1]) ?? scenario.base;
  const { hasVerity, escapesMarks } = BASE_PROFILES[base];
  const hasFlags = base !== 'tmpfs' || semantics.features.has('tmpfs-flags');
  return planLayer(layer, index, base).map((entry) => ({
    ...entry,
    hasVerity: entry.hasVerity && hasVerity,
    flags: hasFlags ? entry.flags : [],
    xattrs: entry.xattrs
      .filter(([name]) => keepsXattr({ base }, name, semantics))
      .map(([name, value]) => [escapesMarks ? escaped(name) : name, value]),
  }));
}

/** The lines of C that make a layer somewhere. */
export function makeLayer({ planned }: PlannedLayer, root: string): readonly string[] {
  const at = (path: string): string => cString(path === '.' ? root : `${root}/${path}`);
  return [
    ...planned.flatMap((entry) => makeEntry(entry, at)),
    // From the innermost out: making things changes times.
    ...planned
      .toReversed()
      .map(({ path, atimeSec, mtimeSec }) => `set_age(${at(path)}, ${atimeSec}, ${mtimeSec});`),
    ...planned
      .filter(({ flags }) => flags.length > 0)
      .map(({ path, flags }) => {
        const names = bitNames(XFLAGS, flagBits(FILE_XFLAGS, flags));
        return `set_flags(${at(path)}, ${names});`;
      }),
  ];
}

function makeEntry(entry: PlannedEntry, at: (path: string) => string): readonly string[] {
  const { path, type, mode, uid, gid, rdev, target, to, pieces, size, xattrs, hasVerity } = entry;
  const lines: string[] = [];
  const name = at(path);
  switch (type) {
    case 'dir':
      lines.push(`make_dir(${name}, ${octal(mode)}, ${uid}, ${gid});`);
      break;
    case 'file':
      lines.push(`make_file(${name}, ${octal(mode)}, ${uid}, ${gid});`);
      for (const { at: from, text } of pieces) {
        lines.push(`fill(${name}, ${from}, ${cString(text)});`);
      }
      if (size !== null) lines.push(`setup(truncate(${name}, ${size}));`);
      if (hasVerity) lines.push(`enable_verity(${name});`);
      break;
    case 'symlink':
      lines.push(`make_symlink(${name}, ${cString(target)}, ${uid}, ${gid});`);
      break;
    case 'link':
      lines.push(`setup(link(${at(to)}, ${name}));`);
      break;
    default: {
      const format = { fifo: 'S_IFIFO', chr: 'S_IFCHR', blk: 'S_IFBLK' }[type];
      const number = type === 'fifo' ? '0' : `makedev(${rdev.major}, ${rdev.minor})`;
      const owner = `${uid}, ${gid}`;
      lines.push(`make_node(${name}, ${format} | ${octal(mode)}, ${owner}, ${number});`);
    }
  }
  for (const [key, value] of xattrs) {
    lines.push(`set_xattr(${name}, ${cString(key)}, ${cString(value)});`);
  }
  return lines;
}
