import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { profileNamed } from '../../model/semantics/resolve.ts';
import { HarnessError } from '../errors.ts';
import type { KernelImage } from '../kernels/image.ts';
import { compareVersions, seriesOf } from '../kernels/versions.ts';
import { prepareBuilder } from './build.ts';
import { readMutants } from './record.ts';
import { moduleSource } from './source.ts';

const PATCHES_DIR = resolve(import.meta.dirname, '../../fixtures/patches');

const PROPOSAL = 'proposal/';

/** A kernel of Debian's whose overlayfs is changed, to try what somebody proposes. */
export interface PatchedKernel {
  readonly patch: string;
  /** The kernel that it is, as anybody else asks for it. */
  readonly kernel: string;
}

/** What `nfs-export-with-metacopy@6.1` asks for; null for a kernel as it is. */
export function patchedKernel(asked: string): PatchedKernel | null {
  const [, patch, kernel] = /^([\w-]+)@(\d.*)$/.exec(asked) ?? [];
  if (patch === undefined || kernel === undefined) return null;
  const patches = readdirSync(PATCHES_DIR);
  if (patches.includes(patch)) return { patch, kernel };
  throw new HarnessError('bad-input', `no patch ${patch}; there are ${patches.join(', ')}`);
}

/** Whether a column is of what no kernel does. */
export function isProposal(name: string): boolean {
  return name.startsWith(PROPOSAL);
}

/** The proposal that a patched kernel is to be held against: the one of its name. */
export function proposalFor(asked: string | undefined): string | undefined {
  const patched = asked === undefined ? null : patchedKernel(asked);
  const proposal = `${PROPOSAL}${patched?.patch ?? ''}`;
  return patched === null || profileNamed(proposal) === null ? undefined : proposal;
}

/** Builds the changed module. A record holds until there is one for a later series. */
export async function buildPatched(
  { patch }: PatchedKernel,
  image: KernelImage,
  from: Parameters<typeof moduleSource>[1],
): Promise<string> {
  const series = seriesOf(image.release);
  const record = readMutants(join(PATCHES_DIR, patch))
    .filter(({ kernel }) => compareVersions(kernel, series) <= 0)
    .sort((one, other) => compareVersions(one.kernel, other.kernel))
    .at(-1);
  if (record === undefined) {
    throw new HarnessError('bad-input', `${patch} has no record for kernels as old as ${series}`);
  }
  const builder = await prepareBuilder(await moduleSource(image, from), from.cacheDir);
  return (await builder.build(record)).path;
}
