import type { Draft, MountConfig, ResolveContext } from './params.ts';
import { withoutUntraceable } from './traceable.ts';
import type { LayerFiles, Traced } from './traceable.ts';

/** What fallbacks depend on: where the layers are, and what their file systems can do. */
export interface LayerFacts extends LayerFiles {
  /** The upper file system takes the private xattrs. */
  readonly takesXattrs: boolean;
  /** The work directory could not be made. */
  readonly hasNoWork?: boolean;
}

/** What is left of a configuration. */
export interface Settled extends Traced {
  readonly config: MountConfig;
}

/** What the kernel does without, and does not tell but in its log, once it has seen the layers. */
export function fallBack(config: MountConfig, facts: LayerFacts, context: ResolveContext): Settled {
  const { semantics, rule } = context;
  const { upper, lowers } = facts;
  const draft: Draft = { ...config };
  if (upper !== null && !facts.takesXattrs) {
    rule('options/no-xattrs');
    withoutXattrs(draft, semantics.behaviour.withoutXattrs);
  }
  if (facts.hasNoWork === true) {
    rule('layers/work-not-emptied');
    draft.index = false;
  }
  if (upper?.hasHandles === false) draft.index = false;
  if (upper !== null && draft.nfsExport && !draft.index) draft.nfsExport = false;
  const isAllOnUpperFs = lowers.every(({ id }) => id === upper?.id);
  const offFallsBack = semantics.behaviour.uuidOffOfSeveral === 'falls back';
  if (draft.uuid === 'off' && !isAllOnUpperFs && offFallsBack) {
    rule('options/uuid-off-of-several');
    draft.uuid = 'null';
  }
  const traced = withoutUntraceable(draft, facts, context);
  if (upper === null && draft.index) {
    rule('options/index-without-work');
    draft.index = false;
  }
  return { config: draft, ...traced };
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
