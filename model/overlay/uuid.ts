import { profileOf } from '../bases.ts';
import { fsOfIno } from '../ino.ts';
import type { Context } from '../ops/op.ts';
import type { Semantics } from '../semantics/semantics.ts';
import type { Overlay } from '../state.ts';

/**
 * The file system id that statfs(2) shows: one made of the uuid that is kept in the upper layer.
 * Without an upper layer there is none, and uuid=auto makes an id of nothing, which an overlay that
 * is the top most layer shows, too.
 */
export function fsidOf(
  { upper, lowers, config: { uuid } }: Overlay,
  { features }: Semantics,
): 'own' | 'none' | 'of the layer' {
  const isOwn = features.has('uuid-auto') && (uuid === 'on' || uuid === 'auto');
  if (!isOwn) return 'of the layer';
  if (upper !== null) return 'own';
  return lowers[0]?.base === 'overlay' ? 'of the layer' : 'none';
}

type Mixed = 'index/of-several-without-uuid' | 'origin/of-several-without-uuid';

/** Without a uuid, a handle may be of an object of another file system with equal handles. */
export function noteMixedHandles({ world, semantics, rule }: Context, what: Mixed): void {
  const { config, lowers } = world.overlay;
  if (config.uuid !== 'off') return;
  const alike = lowers.filter((root) => profileOf(root).handles(semantics)?.sharesGenerations);
  if (new Set(alike.map(({ ino }) => fsOfIno(ino))).size > 1) rule(what);
}
