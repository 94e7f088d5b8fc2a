import { hasHandles, profileOf } from '../bases.ts';
import { fsOfIno } from '../ino.ts';
import type { Semantics } from '../semantics/semantics.ts';
import type { RealInode } from '../state.ts';
import { allowsOfflineChanges } from './params.ts';
import type { Draft, MountConfig, ResolveContext } from './params.ts';

/**
 * A file handle says of which object a copy is, if it can be traced back: if the file system of a
 * lower layer has handles at all, and a uuid that tells them from those of the other layers.
 */

/** Goes through the lower layers; what cannot do without traceable handles is switched off. */
export function withoutUntraceable(
  config: MountConfig,
  layers: {
    readonly hasUpper: boolean;
    readonly upper: RealInode;
    readonly lowers: readonly RealInode[];
    readonly data: readonly RealInode[];
  },
  context: ResolveContext,
): { readonly config: MountConfig; readonly untraceable: ReadonlySet<number> } {
  const draft: Draft = { ...config };
  const untraceable = new Set<number>();
  for (const lower of [...layers.lowers, ...layers.data]) {
    if (hasHandles(lower, context.semantics)) continue;
    if (layers.hasUpper) doWithout(draft, context, 'mount/no-handles');
    else draft.nfsExport = false;
  }
  // Nothing is traced back where nothing was copied, and no handles are handed out.
  if (!layers.hasUpper && !draft.nfsExport) return { config: draft, untraceable };
  const seen: RealInode[] = [];
  for (const lower of layers.lowers) {
    const isOnUpper = layers.hasUpper && fsOfIno(lower.ino) === fsOfIno(layers.upper.ino);
    if (isOnUpper || seen.some(({ ino }) => fsOfIno(ino) === fsOfIno(lower.ino))) continue;
    const isNull = hasNullUuid(lower, draft);
    const same = isNull ? seen.filter((other) => hasNullUuid(other, draft)) : [];
    // A uuid that is left out is still known.
    const mayChange = profileOf(lower).hasNullUuid && maySwap(draft, context.semantics);
    if (same.length > 0 || mayChange) {
      for (const { ino } of [lower, ...same]) untraceable.add(fsOfIno(ino));
      doWithout(draft, context, same.length > 0 ? 'mount/same-uuids' : 'mount/null-uuid');
    }
    seen.push(lower);
  }
  return { config: draft, untraceable };
}

/** uuid=off leaves the uuid out of all handles. */
function hasNullUuid(lower: RealInode, { uuid }: MountConfig): boolean {
  return uuid === 'off' || profileOf(lower).hasNullUuid;
}

/**
 * Whether the layers may be others than at the last mount: a file system without a uuid could be
 * another one by now, and nothing was asked for that needs it to be the same.
 */
export function maySwap(config: MountConfig, { behaviour }: Semantics): boolean {
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
