import { BASE_PROFILES } from '../model/bases.ts';
import type {
  Difference,
  KernelIno,
  ObservedGone,
  ObservedNode,
  ObservedTrace,
  Seen,
  TreeChanges,
} from '../model/observation.ts';
import { OPS } from '../model/ops/index.ts';
import type { Step } from '../model/ops/index.ts';
import { ERRNO } from '../model/errno.ts';
import { typeOfMode } from '../model/compare-fields.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { LayerSpec, Scenario } from '../model/scenario.ts';
import { quote } from '../model/print.ts';
import { METACOPY, REDIRECT } from './marks.ts';
import { IS_VOLATILE } from './options.ts';
import type { Property } from './property.ts';
import { scenarioAt } from './scenarios.ts';

/** Steps after which everything must look as it did before them. */
const CHANGES_NOTHING: ReadonlySet<string> = new Set(['dropCaches', 'remount']);

const TYPES_WITHOUT_XATTRS: ReadonlySet<string> = new Set([
  'symlink',
  'fifo',
  'chr',
  'blk',
  'sock',
]);

function hasMetacopy(layer: LayerSpec): boolean {
  return layer.role === 'upper' && hasMark(layer, 'metacopy');
}

function isEdit({ op }: Step): boolean {
  return OPS[op].result === 'edit';
}

function hasRedirect(layer: LayerSpec): boolean {
  return hasMark(layer, 'redirect');
}

function hasMark({ entries }: LayerSpec, mark: string): boolean {
  const isIt = (name: string): boolean => name.endsWith(`.overlay.${mark}`);
  return entries.some(({ xattrs = {} }) => Object.keys(xattrs).some(isIt));
}

function mayLoseData({ options, steps }: Scenario): boolean {
  return options.includes('metacopy=on') && steps.some(isEdit);
}

/** Whether marks or edits may leave a name that cannot be looked up. */
function mayLeadNowhere(scenario: Scenario): boolean {
  return scenario.layers.some(hasRedirect) || mayLoseData(scenario);
}

/** What may change all the same, of which objects, and why. */
const MAY_CHANGE: readonly {
  readonly fields: readonly string[];
  readonly of?: (type: string, scenario: Scenario) => boolean;
  readonly why: string;
}[] = [
  { fields: ['dev'], why: 'A mount has a device number of its own.' },
  {
    fields: ['dIno', 'dotIno', 'dotdotIno'],
    why: 'They are translated only once the directory is marked impure, which looking may do.',
  },
  {
    fields: ['dataError', 'unreadable'],
    of: (type, scenario) => type !== 'file' && mayLeadNowhere(scenario),
    why: 'Whether a listing fails at a name that cannot be looked up hangs on what is cached.',
  },
  {
    fields: ['ctime'],
    of: (type) => type === 'dir',
    why: 'Lookup marks a merged directory that was made by hand with the origin that it lacks.',
  },
  {
    fields: ['ino'],
    of: (type, { otherBases = [], options }) =>
      type === 'dir' && otherBases.length > 0 && !options.includes('xino=on'),
    why: 'Without a common numbering a directory gets a number of the mount when looked up.',
  },
  {
    fields: ['ino'],
    of: (_, { otherBases = [] }) => otherBases.some((type) => BASE_PROFILES[type].isReadOnly),
    why: 'Some of these have no uuid or no file handles: nothing leads back to them from a copy.',
  },
  {
    fields: ['ino'],
    of: (type, { options }) => TYPES_WITHOUT_XATTRS.has(type) && options.includes('userxattr'),
    why: 'What has no user.* xattrs cannot keep where it was copied from.',
  },
  {
    fields: ['ino'],
    of: (_, { mounter }) => mounter !== undefined,
    why: 'What root of a user namespace mounts does not lead from a copy back to where it is from.',
  },
  {
    fields: ['ino'],
    of: (type, { layers }) => type === 'file' && layers.some(hasMetacopy),
    why: 'Metacopy files that were made by hand have no origin once they got data of their own.',
  },
  {
    fields: ['ino'],
    of: (type, scenario) => type === 'file' && mayLoseData(scenario),
    why: 'The data of a metacopy may be edited away, and another file found for it (OVL-OFF-04).',
  },
  {
    fields: ['blocks'],
    of: (type, { layers }) => type === 'file' && layers.some(({ role }) => role === 'data'),
    why: 'They are guessed from the size until somebody looks for the data in a data-only layer.',
  },
  {
    fields: ['blocks'],
    of: (type, { base }) => type === 'file' && (base === 'xfs' || base === 'btrfs'),
    why: 'Blocks that were reserved around what is written are given back when it is on the disk.',
  },
];

export const remountEquivalence: Property = {
  name: 'remount-equivalence',
  says: 'What is seen stays the same when caches are dropped, and after a remount.',
  scenarioAt,

  async check(scenario, kernel) {
    const observed = await kernel.run(scenario);
    const differences = changesOf(withEpilogue(scenario), observed);
    return { differences, predicted: [], observed, sides: ['before', 'after'] };
  },
};

/** All that changed in the first step that should have changed nothing. */
function changesOf(scenario: Scenario, observed: ObservedTrace): readonly Difference[] {
  const { steps } = scenario;
  const nodes = new Map<string, Seen>();
  const real = new Map<string, Seen>();
  const mayChange = mayChangeIn(scenario);
  // What was mounted volatile is mounted once.
  let isEdited = scenario.layers.some((layer) => hasRedirect(layer) || hasMetacopy(layer));
  let isMounted = observed[0]?.result.ok === true && !IS_VOLATILE.test(scenario.options);
  for (const [index, { result, merged, base, treeError }] of observed.entries()) {
    const step = steps[index - 1];
    const isEqual = step !== undefined && CHANGES_NOTHING.has(step.op);
    const differences: Difference[] = [];
    // After a mount of another kind the usual one may be refused.
    if (step?.op === 'mountOther' || step?.op === 'mountBusy') isMounted = false;
    // Nobody promises anything of layers that change beneath a mount (OVL-OFF-25).
    if (step?.op === 'changeBeneath') isMounted = false;
    if (isEqual && isMounted) {
      // What is still in use cannot be unmounted.
      const isRefused = !result.ok && result.errno === 'EROFS' && step.op === 'dropCaches';
      if (!result.ok && result.errno !== 'EBUSY' && !isRefused)
        differences.push(failure(index, result.errno));
      else if (merged === null) differences.push(failure(index, treeError));
    }
    for (const [path, change] of merged ?? []) {
      if (isEqual && result.ok) {
        differences.push(...differencesAt(mayChange, index, path, nodes.get(path), change));
      }
    }
    if (differences.length > 0) return differences;
    applyTo(nodes, merged);
    applyTo(real, base);
    if (step !== undefined && (isEdit(step) || step.op === 'changeBeneath')) isEdited = true;
    if (isEdited && sharesInodes(nodes, real)) return [];
  }
  return [];
}

function applyTo(tree: Map<string, Seen>, changes: TreeChanges | null): void {
  for (const [path, change] of changes ?? []) {
    if (change.kind === 'gone') tree.delete(path);
    else tree.set(path, change);
  }
}

/**
 * Whether two names show one inode that the layers have as two objects, or would and one of them is
 * refused: a copy under another name, with the lower object in sight again, or two directories that
 * lead to one below, as edits of layers and redirects made by hand can have it. What is done by one
 * name then shows by the other until the cache is gone (OVL-OFF-02, OVL-OFF-13, OVL-OFF-14). So do
 * the data that one name of a metacopy leads to and the other does not.
 */
function sharesInodes(nodes: ReadonlyMap<string, Seen>, real: ReadonlyMap<string, Seen>): boolean {
  const objects = new Map<string, string>();
  const foundByName = new Set<KernelIno>();
  const upper = upperIn(real);
  for (const [path, node] of nodes) {
    if (node.kind === 'unreadable' && node.error === ERRNO.ESTALE) return true;
    if (node.kind !== 'node') continue;
    const number = `${node.dev} ${node.ino}`;
    const above = real.get(`${upper}/${path}`);
    if (above?.kind === 'node' && findsByName(above)) {
      if (foundByName.has(above.ino)) return true;
      foundByName.add(above.ino);
    }
    const object = objectAt(path, node, above);
    if (object === null) continue;
    if ((objects.get(number) ?? object) !== object) return true;
    objects.set(number, object);
  }
  return false;
}

/** Whether it is a metacopy whose data are found by the name that it is looked up by. */
function findsByName({ xattrs }: ObservedNode): boolean {
  const redirect = xattrs.get(REDIRECT);
  const isAbsolute = typeof redirect === 'string' && redirect.startsWith('/');
  return xattrs.has(METACOPY) && !isAbsolute;
}

/** Each upper layer that becomes a lower one is followed by one of the next number. */
function upperIn(real: ReadonlyMap<string, Seen>): string {
  const uppers = [...real.keys()].filter((path) => /^u\d*$/.test(path));
  return uppers.reduce((last, path) => (turnOf(path) > turnOf(last) ? path : last), 'u');
}

function turnOf(upper: string): number {
  return Number(upper.slice(1));
}

/** Null for a name of several of a lower file: others of them may be in the upper layer by now. */
function objectAt(
  path: string,
  { mode, nlink }: ObservedNode,
  upper: Seen | undefined,
): string | null {
  if (typeOfMode(mode) === 'dir') return path;
  if (upper?.kind === 'node') return `upper ${upper.ino}`;
  return nlink > 1 ? null : 'lower';
}

function failure(step: number, errno: string | number): Difference {
  return { step, field: 'merged', at: 'merged', predicted: 'a tree', observed: String(errno) };
}

function differencesAt(
  mayChange: MayChange,
  step: number,
  path: string,
  before: Seen | undefined,
  after: Seen | ObservedGone,
): readonly Difference[] {
  const was = fieldsOf(mayChange, before);
  const is = fieldsOf(mayChange, after);
  const differ = (field: string, predicted: string, observed: string): Difference => {
    return { step, field: `merged ${field}`, at: `merged ${path} ${field}`, predicted, observed };
  };
  const fields = [...new Set([...was.keys(), ...is.keys()])].flatMap((field) => {
    const [predicted, observed] = [was.get(field) ?? 'nothing', is.get(field) ?? 'nothing'];
    return predicted === observed ? [] : [differ(field, predicted, observed)];
  });
  if (before?.kind !== 'node' || after.kind !== 'node') return fields;
  if (before.content.equals(after.content)) return fields;
  return [...fields, differ('content', quote(before.content), quote(after.content))];
}

function fieldsOf(
  mayChange: MayChange,
  seen: Seen | ObservedGone | undefined,
): ReadonlyMap<string, string> {
  if (seen === undefined || seen.kind === 'gone') return new Map();
  const { kind, ...fields } = seen;
  const ignored = mayChange(kind === 'node' ? typeOfMode(seen.mode) : 'none');
  if (kind === 'unreadable' && ignored.has(kind)) return new Map();
  return new Map(
    Object.entries(fields).flatMap(([name, value]) => {
      // What it says in full would be long: it is compared by itself.
      if (ignored.has(name) || name === 'content') return [];
      if (!(value instanceof Map)) return [[name, say(value)] as const];
      return [...value].map(([xattr, text]) => [`xattr ${String(xattr)}`, say(text)] as const);
    }),
  );
}

/** Fields that may change in one scenario, by the type of the object. */
type MayChange = (type: string) => ReadonlySet<string>;

function mayChangeIn(scenario: Scenario): MayChange {
  const byType = new Map<string, ReadonlySet<string>>();
  return (type) => {
    const known = byType.get(type);
    if (known !== undefined) return known;
    const entries = MAY_CHANGE.filter(({ of }) => of?.(type, scenario) ?? true);
    const fields = new Set(entries.flatMap((entry) => entry.fields));
    byType.set(type, fields);
    return fields;
  };
}

function say(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}
