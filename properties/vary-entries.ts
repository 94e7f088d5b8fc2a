import type { Entry, LayerSpec, Scenario } from '../model/scenario.ts';
import type { Place } from './explain.ts';

/** Another value of something about an entry, and how the entry comes to have it. */
type Value = readonly [says: string, change: (entry: Entry) => Entry];

const MODES = [0o600, 0o777, 0o4711] as const;
const OWNERS = [1000, 1001] as const;
const OTHER_TEXTS = ['x', 'other'] as const;
/** Of these the kernel takes any value. */
const ANY_VALUE = /^(user|trusted)\./;

/** Attributes and content of each entry of each layer, what it is, and which layer has it. */
export function entryPlaces({ layers }: Scenario): readonly Place[] {
  const names = layerNames(layers);
  return layers.flatMap(({ entries }, layer) =>
    entries.flatMap((entry, index) => {
      const at = nameOf(entry, names[layer] ?? '');
      const place = (what: string, values: readonly Value[]): Place => ({
        ...{ at, what },
        variations: values.map(([says, change]) => ({
          says,
          of: (scenario) => withEntry(scenario, layer, index, change),
        })),
      });
      if (entry.type === 'link') return [];
      return [
        ...[place('mode', otherModes(entry)), place('owner', otherOwners(entry))],
        ...[place('content', otherContents(entry)), ...xattrsOf(entry, place)],
        ...[place('type', otherTypes(entry))],
      ];
    }),
  );
}

/** Which layer an entry is in; the last ones first, so that the others keep their numbers. */
export function placesOfEntries({ layers }: Scenario): readonly Place[] {
  const names = layerNames(layers);
  const places = layers.flatMap(({ entries }, layer) =>
    entries.map((entry, index): Place => {
      const variations = layers.flatMap(({ role }, other) => {
        if (other === layer || role === 'data') return [];
        const of = (scenario: Scenario): Scenario => moved(scenario, [layer, index], other);
        return [{ says: names[other] ?? '', of }];
      });
      return { at: nameOf(entry, names[layer] ?? ''), what: 'layer', variations };
    }),
  );
  return places.reverse();
}

function nameOf({ path }: Entry, layer: string): string {
  return `${path === '.' ? 'the root' : path} of ${layer}`;
}

/** Layers as a report calls them. */
function layerNames(layers: readonly LayerSpec[]): readonly string[] {
  const counts = { upper: 0, lower: 0, data: 0 };
  return layers.map(({ role }) => {
    const number = counts[role]++;
    return role === 'upper' ? 'upper' : `${role === 'data' ? 'data-only' : role} ${number}`;
  });
}

function otherModes({ type, mode: given }: Entry): readonly Value[] {
  if (type === 'symlink') return [];
  return MODES.filter((mode) => mode !== given).map((mode) => [
    `0${mode.toString(8)}`,
    (entry) => ({ ...entry, mode }),
  ]);
}

function otherOwners({ uid, gid }: Entry): readonly Value[] {
  const others = OWNERS.filter((id) => id !== uid && id !== gid);
  return others.map((id) => [String(id), (entry) => ({ ...entry, uid: id, gid: id })]);
}

function otherContents(entry: Entry): readonly Value[] {
  if (entry.type !== 'file') return [];
  const { pieces = [], size = 0 } = entry;
  const isEmpty = pieces.length === 0 && size === 0;
  return [
    ['some text', (drawn) => withContent(drawn, { pieces: [{ at: 0, text: 'other' }] })],
    ['a hole', (drawn) => withContent(drawn, { size: 8192 })],
    ...(isEmpty ? [] : [['nothing', (drawn: Entry) => withContent(drawn, {})] as const]),
  ];
}

function withContent(entry: Entry, content: Pick<FileEntry, 'pieces' | 'size'>): Entry {
  if (entry.type !== 'file') return entry;
  const { pieces: _, size: __, ...file } = entry;
  return { ...file, ...content };
}

type FileEntry = Extract<Entry, { readonly type: 'file' }>;

function xattrsOf(
  { xattrs = {} }: Entry,
  place: (what: string, values: readonly Value[]) => Place,
): readonly Place[] {
  const named = Object.entries(xattrs).filter(([name]) => ANY_VALUE.test(name));
  return named.map(([name, value]) => {
    const others = OTHER_TEXTS.filter((text) => text !== value);
    return place(
      `value of ${name}`,
      others.map((text) => [`"${text}"`, (entry) => withXattr(entry, name, text)]),
    );
  });
}

function withXattr(entry: Entry, name: string, value: string): Entry {
  return { ...entry, xattrs: { ...entry.xattrs, [name]: value } };
}

/** Something else by that name, with what any object has. */
function otherTypes({ type: given }: Entry): readonly Value[] {
  const types = ['file', 'dir', 'fifo', 'symlink'] as const;
  return types
    .filter((type) => type !== given)
    .map((type) => [
      type,
      ({ path, mode, uid, gid }) => {
        const owner = {
          ...(uid === undefined ? {} : { uid }),
          ...(gid === undefined ? {} : { gid }),
        };
        if (type === 'symlink') return { path, type, target: 'a', ...owner };
        return { path, type, ...owner, ...(mode === undefined ? {} : { mode }) };
      },
    ]);
}

function withEntry(
  { layers, ...rest }: Scenario,
  layer: number,
  index: number,
  change: (entry: Entry) => Entry,
): Scenario {
  const spec = layers[layer];
  const entry = spec?.entries[index];
  if (spec === undefined || entry === undefined) return { ...rest, layers };
  const entries = spec.entries.with(index, change(entry));
  return { ...rest, layers: layers.with(layer, { ...spec, entries }) };
}

function moved(
  { layers, ...rest }: Scenario,
  [layer, index]: readonly [layer: number, index: number],
  to: number,
): Scenario {
  const entry = layers[layer]?.entries[index];
  if (entry === undefined) return { ...rest, layers };
  return {
    ...rest,
    layers: layers.map((spec, at) => {
      if (at === layer) return { ...spec, entries: spec.entries.toSpliced(index, 1) };
      return at === to ? { ...spec, entries: [...spec.entries, entry] } : spec;
    }),
  };
}
