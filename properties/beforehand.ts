import type { Step } from '../model/ops/index.ts';
import type { Entry } from '../model/scenario.ts';
import type { Pass } from './shrink-passes.ts';

/** Objects that a step makes, or names that it hides, can be there from the start. */
const MADE_BEFOREHAND: Pass = {
  places: ({ steps }) => steps.length,
  at(scenario, place) {
    const step = scenario.steps[place];
    const entry = step === undefined ? null : madeBy(step);
    if (entry === null) return [];
    const steps = scenario.steps.toSpliced(place, 1);
    return scenario.layers.map((layer, index) => {
      // It takes the place of what is there: of two entries for a path the second is dropped.
      const others = layer.entries.filter(({ path }) => !isAtOrBelow(path, entry.path));
      const entries = [...others, entry];
      return { ...scenario, steps, layers: scenario.layers.with(index, { ...layer, entries }) };
    });
  },
};

/** What a step changes about an object can be so from the start. */
const CHANGED_BEFOREHAND: Pass = {
  places: ({ steps }) => steps.length,
  at(scenario, place) {
    const step = scenario.steps[place];
    const change = step === undefined ? null : changedBy(step);
    if (change === null) return [];
    const layers = scenario.layers.map((layer) => ({
      ...layer,
      entries: layer.entries.map((entry) =>
        entry.path === change.path ? change.of(entry) : entry,
      ),
    }));
    return [{ ...scenario, layers, steps: scenario.steps.toSpliced(place, 1) }];
  },
};

/** What a step copies up can be in the upper layer from the start. */
const COPIED_BEFOREHAND: Pass = {
  places: ({ steps }) => steps.length,
  at(scenario, place) {
    const step = scenario.steps[place];
    if (step === undefined || !('path' in step.args)) return [];
    const { path } = step.args;
    const lower = scenario.layers.find(
      ({ role, entries }) => role === 'lower' && entries.some((entry) => entry.path === path),
    );
    const entry = lower?.entries.find((other) => other.path === path);
    if (entry === undefined) return [];
    const layers = scenario.layers.map((layer) =>
      layer.role === 'upper' ? { ...layer, entries: [...layer.entries, entry] } : layer,
    );
    return [{ ...scenario, layers, steps: scenario.steps.toSpliced(place, 1) }];
  },
};

function changedBy(step: Step): { path: string; of: (entry: Entry) => Entry } | null {
  const of = (change: (entry: Exclude<Entry, { type: 'link' }>) => Entry) => (entry: Entry) =>
    entry.type === 'link' ? entry : change(entry);
  switch (step.op) {
    case 'chmod': {
      const { path, mode } = step.args;
      return { path, of: of((entry) => ({ ...entry, mode })) };
    }
    case 'truncate': {
      const { path, offset: size } = step.args;
      return { path, of: of((entry) => (entry.type === 'file' ? { ...entry, size } : entry)) };
    }
    case 'setxattr':
    case 'lsetxattr': {
      const { path, name, value } = step.args;
      if (/^(trusted|user)\.overlay\./.test(name)) return null;
      return {
        path,
        of: of((entry) => ({ ...entry, xattrs: { ...entry.xattrs, [name]: value } })),
      };
    }
    default:
      return null;
  }
}

/** What a step moves can be at its new name from the start. */
const MOVED_BEFOREHAND: Pass = {
  places: ({ steps }) => steps.length,
  at(scenario, place) {
    const step = scenario.steps[place];
    if (step?.op !== 'rename' && step?.op !== 'link') return [];
    const { from, to } = step.args;
    const layers = scenario.layers.map((layer) => ({
      ...layer,
      entries: layer.entries.map((entry) =>
        isAtOrBelow(entry.path, from)
          ? { ...entry, path: to + entry.path.slice(from.length) }
          : entry,
      ),
    }));
    return [{ ...scenario, layers, steps: scenario.steps.toSpliced(place, 1) }];
  },
};

function isAtOrBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

function madeBy(step: Step): Entry | null {
  switch (step.op) {
    case 'mkdir':
      return { path: step.args.path, type: 'dir' };
    case 'open':
      return step.args.flags.includes('O_CREAT') ? { path: step.args.path, type: 'file' } : null;
    case 'mknod':
    case 'symlink':
      return { path: step.args.path, type: 'fifo' };
    case 'unlink':
    case 'rmdir':
      return { path: step.args.path, type: 'chr', rdev: { major: 0, minor: 0 } };
    case 'rename':
      return { path: step.args.from, type: 'chr', rdev: { major: 0, minor: 0 } };
    default:
      return null;
  }
}

/** Steps that become part of the layers that a scenario starts from. */
export const BEFOREHAND: readonly Pass[] = [
  MADE_BEFOREHAND,
  MOVED_BEFOREHAND,
  CHANGED_BEFOREHAND,
  COPIED_BEFOREHAND,
];
