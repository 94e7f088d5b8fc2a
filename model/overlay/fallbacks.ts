import type { Draft, MountConfig, ResolveContext } from './params.ts';

/** What fallbacks depend on: where the layers are, and what their file systems can do. */
export interface LayerFacts {
  readonly hasUpper: boolean;
  /** There is an upper layer, and every other is on its file system. */
  readonly isAllOnUpperFs: boolean;
  /** The upper file system takes the private xattrs. */
  readonly takesXattrs: boolean;
}

/** What the kernel does without, and does not tell but in its log, once it has seen the layers. */
export function fallBack(
  config: MountConfig,
  { hasUpper, isAllOnUpperFs, takesXattrs }: LayerFacts,
  { semantics, rule }: ResolveContext,
): MountConfig {
  const draft: Draft = { ...config };
  if (hasUpper && !takesXattrs) {
    rule('options/no-xattrs');
    withoutXattrs(draft, semantics.behaviour.withoutXattrs);
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
