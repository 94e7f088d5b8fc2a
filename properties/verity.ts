import type fc from 'fast-check';
import { verityDigest } from '../model/fs-verity.ts';
import { metacopyWith } from '../model/overlay/xattrs.ts';
import type { Entry, LayerSpec } from '../model/scenario.ts';
import { chance, pick } from './draw.ts';
import { METACOPY, ODD_DIGESTS, REDIRECT } from './marks.ts';

const WANTS_VERITY = /(^|,)verity=(on|require)/;

/** Puts files under fs-verity, and digests in what points to them: mostly the right ones. */
export function drawVerity(
  random: fc.Random,
  layers: readonly LayerSpec[],
  options: string,
): readonly LayerSpec[] {
  if (!WANTS_VERITY.test(options)) return layers;
  const files = layers.filter(({ role }) => role !== 'upper').flatMap(({ entries }) => entries);
  return layers.map((layer) => ({
    ...layer,
    entries: layer.entries.map((entry) => {
      if (entry.type !== 'file') return entry;
      const digest = METACOPY in (entry.xattrs ?? {}) ? drawDigest(random, entry, files) : null;
      const xattrs = digest === null ? {} : { xattrs: { ...entry.xattrs, [METACOPY]: digest } };
      const hasVerity = layer.role !== 'upper' && chance(random, 60);
      return { ...entry, ...xattrs, ...(hasVerity ? { verity: true } : {}) };
    }),
  }));
}

function drawDigest(random: fc.Random, entry: Entry, files: readonly Entry[]): string | null {
  const kind = random.nextInt(0, 9);
  if (kind < 2) return null;
  if (kind < 4) return pick(random, ODD_DIGESTS);
  const redirect = entry.xattrs?.[REDIRECT] ?? '';
  const path = redirect.startsWith('/') ? redirect.slice(1) : entry.path;
  const data = files.findLast((file) => file.path === path && file.type === 'file');
  return data === undefined ? null : metacopyWith(verityDigest(contentOf(data)));
}

function contentOf(entry: Entry): string {
  if (entry.type !== 'file') return '';
  let content = '';
  for (const { at, text } of entry.pieces ?? []) {
    content = content.slice(0, at).padEnd(at, '\0') + text + content.slice(at + text.length);
  }
  const { size = content.length } = entry;
  return content.slice(0, size).padEnd(size, '\0');
}
