import type { PlannedEntry } from '../../model/layer-plan.ts';
import { HarnessError } from '../errors.ts';
import { layersOf } from './c-layers.ts';
import type { PlannedLayer } from './c-layers.ts';
import type { Reproducer } from './reproducer.ts';
import { modeWord, pathWord, shellBytes, shellWord, valueWord } from './sh-text.ts';

/** Who can be written to C alone is told what for. */
export function refuseForShell(what: string): never {
  throw new HarnessError('bad-input', `${what}: a shell has no command for it; --format c has`);
}

/** The commands that make all layers; `placeOf` says how a script names what it works on. */
export function layerLines(
  reproducer: Reproducer,
  placeOf: (root: string) => string,
): readonly string[] {
  return layersOf(reproducer).flatMap((layer) => [
    '',
    `# ${layer.what}`,
    ...makeLayer(layer, placeOf(layer.path)),
  ]);
}

function makeLayer({ planned }: PlannedLayer, place: string): readonly string[] {
  const at = (path: string): string => pathWord(place, path);
  return [
    ...planned.flatMap((entry) => makeEntry(entry, at)),
    ...planned
      .toReversed()
      .map(({ path, atimeSec, mtimeSec }) => `set_age ${at(path)} ${atimeSec} ${mtimeSec}`),
  ];
}

function makeEntry(entry: PlannedEntry, at: (path: string) => string): readonly string[] {
  const { path, type, uid, gid, rdev, target, to, pieces, size, xattrs, flags, hasVerity } = entry;
  if (flags.length > 0 || hasVerity) refuseForShell(`flags of ${path}`);
  const [name, mode, owner] = [at(path), modeWord(entry.mode), `${uid}:${gid}`];
  const marks = xattrs.map(([key, value]) => {
    return `setup setfattr -h -n ${shellWord(key)} -v ${valueWord(value)} ${name}`;
  });
  switch (type) {
    case 'dir':
      return [`make_dir ${name} ${mode} ${owner}`, ...marks];
    case 'file': {
      const fills = pieces.map(({ at: from, text }) => `fill ${name} ${from} ${shellBytes(text)}`);
      const sized = size === null ? [] : [`setup truncate -s ${size} ${name}`];
      return [`make_file ${name} ${mode} ${owner}`, ...fills, ...sized, ...marks];
    }
    case 'symlink':
      return [`make_symlink ${name} ${shellWord(target)} ${owner}`, ...marks];
    case 'link':
      return [`setup link ${at(to)} ${name}`, ...marks];
    default: {
      const kind = type === 'fifo' ? 'p' : `${type.slice(0, 1)} ${rdev.major} ${rdev.minor}`;
      return [`make_node ${name} ${mode} ${owner} ${kind}`, ...marks];
    }
  }
}
