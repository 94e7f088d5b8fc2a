import type { LayerFs } from '../mount-places.ts';
import type { Semantics } from '../semantics/semantics.ts';
import { maySwap } from './traceable.ts';
import type { Draft, MountConfig, ResolveContext } from './params.ts';

/** What fallbacks depend on: where the layers are, and what their file systems can do. */
export interface LayerFacts {
  readonly hasUpper: boolean;
  /** There is an upper layer, and every other is on its file system. */
  readonly isAllOnUpperFs: boolean;
  /** The upper file system takes the private xattrs. */
  readonly takesXattrs: boolean;
  /** The upper layer was one before. */
  readonly hasUuid?: boolean;
  /** The work directory could not be made. */
  readonly hasNoWork?: boolean;
  /** What upper and each lower layer are on; those that are not told can do all that is asked. */
  readonly upperFs?: LayerFs | null;
  readonly lowerFs?: readonly LayerFs[];
}

/** What the kernel does without, and does not tell but in its log, once it has seen the layers. */
export function fallBack(
  config: MountConfig,
  facts: LayerFacts,
  { semantics, rule }: ResolveContext,
): MountConfig {
  const { hasUpper, isAllOnUpperFs, takesXattrs } = facts;
  const draft: Draft = { ...config };
  if (hasUpper && !takesXattrs) {
    rule('options/no-xattrs');
    withoutXattrs(draft, semantics.behaviour.withoutXattrs);
  }
  if (facts.hasNoWork === true) {
    rule('layers/work-not-emptied');
    draft.index = false;
  }
  if (facts.upperFs !== undefined && facts.upperFs !== null && !decodes(facts.upperFs)) {
    draft.index = false;
  }
  if (hasUpper && draft.nfsExport && !draft.index) draft.nfsExport = false;
  if (facts.lowerFs?.some((fs) => !decodes(fs)) === true) {
    rule('options/no-handles');
    withoutHandles(draft, hasUpper, semantics);
  }
  if (isAmbiguous(facts, draft, semantics)) {
    rule('options/ambiguous-uuid');
    draft.index = false;
    draft.nfsExport = false;
    if (semantics.behaviour.untraceableXino === 'off' && draft.xino === 'auto') draft.xino = 'off';
  }
  if (
    draft.uuid === 'off' &&
    !isAllOnUpperFs &&
    semantics.behaviour.uuidOffOfSeveral === 'falls back'
  ) {
    rule('options/uuid-off-of-several');
    draft.uuid = 'null';
  }
  if (hasUpper && draft.nfsExport && !draft.index) draft.nfsExport = false;
  if (!hasUpper && draft.index) {
    rule('options/index-without-work');
    draft.index = false;
  }
  return draft;
}

function withoutXattrs(
  draft: Draft,
  what: 'index, metacopy' | 'index, metacopy, xino' | 'whatever needs them',
): void {
  draft.index = false;
  draft.metacopy = false;
  if (what === 'index, metacopy') return;
  if (draft.xino === 'auto') draft.xino = 'off';
  if (what === 'index, metacopy, xino') return;
  draft.redirectDir = 'nofollow';
  if (draft.uuid !== 'off') draft.uuid = 'null';
}

function withoutHandles(draft: Draft, hasUpper: boolean, { behaviour }: Semantics): void {
  if (draft.nfsExport || (draft.index && hasUpper)) {
    draft.index = false;
    draft.nfsExport = false;
  }
  if (!hasUpper || behaviour.untraceableXino === 'stays') return;
  if (draft.xino === 'auto') draft.xino = 'off';
}

/** Whether open_by_handle_at(2) knows handles of the file system. */
function decodes({ type }: LayerFs): boolean {
  return type === 'tmpfs';
}

/** Whether a lower file system cannot be told from another, or from one that takes its place. */
function isAmbiguous(
  { hasUpper, upperFs, lowerFs = [] }: LayerFacts,
  config: MountConfig,
  semantics: Semantics,
): boolean {
  if (!hasUpper && !config.nfsExport) return false;
  const isIgnored = config.uuid === 'off' && semantics.behaviour.uuidOffOfSeveral !== 'falls back';
  const nameless = lowerFs.filter((fs) => {
    return fs.name !== upperFs?.name && (isIgnored || !hasUuid(fs, semantics));
  });
  const names = new Set(nameless.map(({ name }) => name));
  return names.size > 1 || (names.size > 0 && maySwap(config, semantics));
}

function hasUuid({ type }: LayerFs, { features, behaviour }: Semantics): boolean {
  if (type === 'overlay') return features.has('uuid-auto');
  return type === 'tmpfs' && behaviour.tmpfsUuid === 'its own';
}
