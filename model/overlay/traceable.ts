import type { Semantics } from '../semantics/semantics.ts';
import { allowsOfflineChanges } from './params.ts';
import type { Draft, MountConfig, ResolveContext } from './params.ts';

/**
 * A file handle says of which object a copy is, if it can be traced back: if the file system of a
 * lower layer has handles at all, and a uuid that tells them from those of the other layers.
 */

/** What a layer is on, as far as file handles go. */
export interface LayerFs {
  /** Layers on the same file system have the same. */
  readonly id: FsId;
  /** open_by_handle_at(2) knows handles of it. */
  readonly hasHandles: boolean;
  readonly hasUuid: boolean;
}

export type FsId = number | string;

/** What the layers of a mount are on. */
export interface LayerFiles {
  readonly upper: LayerFs | null;
  readonly lowers: readonly LayerFs[];
  /** Below them, those of which nothing but data is seen. */
  readonly data: readonly LayerFs[];
}

/** What a mount that looked at one lower layer after the other found out. */
export interface Traced {
  /** The file systems that nothing is traced back to. */
  readonly untraceable: ReadonlySet<FsId>;
  /** How many lower layers were taken before one of them ended the index, if it was on. */
  readonly indexedLowers: number;
}

/** What cannot do without traceable handles is switched off. */
export function withoutUntraceable(
  draft: Draft,
  { upper, lowers, data }: LayerFiles,
  context: ResolveContext,
): Traced {
  const untraceable = new Set<FsId>();
  if ([...lowers, ...data].some(({ hasHandles }) => !hasHandles)) {
    if (upper !== null) doWithout(draft, context, 'mount/no-handles');
    else draft.nfsExport = false;
  }
  // Nothing is traced back where nothing was copied, and no handles are handed out.
  if (upper === null && !draft.nfsExport) {
    return { untraceable, indexedLowers: draft.index ? lowers.length : 0 };
  }
  let indexedLowers = 0;
  const seen: LayerFs[] = [];
  for (const lower of lowers) {
    if (!seen.some(({ id }) => id === lower.id)) look(lower);
    if (draft.index) indexedLowers++;
  }
  return { untraceable, indexedLowers };

  function look(lower: LayerFs): void {
    // That of upper is never in doubt itself, whatever is taken for it.
    const isUnknown = upper?.id !== lower.id && isNull(lower, draft);
    const same = seen.find((other) => isUnknown && isNull(other, draft));
    if (same !== undefined || (isUnknown && maySwap(draft, context.semantics))) {
      for (const one of [lower, same ?? lower]) if (one.id !== upper?.id) untraceable.add(one.id);
      doWithout(draft, context, same === undefined ? 'mount/null-uuid' : 'mount/same-uuids');
    }
    // The first one alike is the one that is found out, and that of upper stands before all.
    if (upper?.id === lower.id) seen.unshift(lower);
    else seen.push(lower);
  }
}

/** uuid=off leaves the uuid out of all handles, unless it falls back, as it does before here. */
function isNull({ hasUuid }: LayerFs, { uuid }: MountConfig): boolean {
  return uuid === 'off' || !hasUuid;
}

/**
 * Whether the layers may be others than at the last mount: a file system without a uuid could be
 * another one by now, and nothing was asked for that needs it to be the same.
 */
function maySwap(config: MountConfig, { behaviour }: Semantics): boolean {
  if (behaviour.nullUuid === 'trusted unless changes are allowed')
    return allowsOfflineChanges(config);
  return !config.index && !config.metacopy && config.xino === 'off';
}

function doWithout(
  draft: Draft,
  { semantics, rule }: ResolveContext,
  why: 'mount/no-handles' | 'mount/same-uuids' | 'mount/null-uuid',
): void {
  rule(why);
  draft.index = false;
  draft.nfsExport = false;
  const givesUp = semantics.behaviour.untraceableXino === 'off';
  if (givesUp && draft.xino === 'auto') draft.xino = 'off';
}
