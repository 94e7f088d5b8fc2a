import type { Backend } from '../backend.ts';
import { BACKENDS } from '../backends/index.ts';
import { findLeftovers, removeLeftovers } from '../leftovers.ts';
import { listKernels, resolveKernel } from '../kernels/resolve.ts';
import { findOnPath } from '../process.ts';
import { CACHE_DIR, EXIT, tellOnStderr } from './context.ts';
import type { KernelFlags } from './context.ts';

/** Programs that we call, with the Debian package that has each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  cc: 'gcc',
  make: 'make',
  xz: 'xz-utils',
  'dpkg-deb': 'dpkg',
  'apt-get': 'apt',
  setpriv: 'util-linux',
  mke2fs: 'e2fsprogs',
  'mkfs.xfs': 'xfsprogs',
  'mkfs.btrfs': 'btrfs-progs',
};

/** Only a test wants it, and it is large: whoever has it gets one test more. */
export const BROWSER = 'chromium';

export function browserText(program: string | null): string {
  if (program !== null) return `${BROWSER.padEnd(10)} works: the page of reports is tested in it`;
  return `${BROWSER.padEnd(10)} missing: the page of reports is tested in no browser`;
}

/** What this machine can do, what is missing, and what killed runs left behind. */
export async function doctor(): Promise<number> {
  let usable = 0;
  const missing: string[] = [];
  for (const backend of Object.values(BACKENDS)) {
    const why = await backend.unavailable();
    if (why === null) usable++;
    const wanted = /apt-get install ([\w.+-]+)/.exec(why ?? '')?.[1];
    if (wanted !== undefined) missing.push(wanted);
    const limits = why === null ? await limitsOf(backend) : null;
    const state = limits === null ? 'works' : `works, but ${limits}`;
    process.stdout.write(`${backend.name.padEnd(10)} ${why ?? state}\n`);
  }
  for (const [program, name] of Object.entries(PROGRAMS)) {
    if ((await findOnPath(program)) === null) missing.push(name);
  }
  if (missing.length > 0) {
    process.stdout.write(`missing: sudo apt-get install ${[...new Set(missing)].join(' ')}\n`);
  }
  process.stdout.write(`${browserText(await findOnPath(BROWSER))}\n`);
  const leftovers = await findLeftovers();
  for (const { path, processes } of leftovers) {
    process.stdout.write(
      `left by a killed run: ${path} (${processes.length} processes): removed\n`,
    );
  }
  await removeLeftovers(leftovers);
  if (leftovers.length === 0) process.stdout.write('nothing left behind by killed runs\n');
  return usable > 0 && missing.length === 0 ? EXIT.holds : EXIT.machine;
}

async function limitsOf({ limits }: Backend): Promise<string | null> {
  return limits === undefined ? null : limits();
}

/** What can be had, and what is cached. */
export async function kernelsList(mirror: string | undefined): Promise<number> {
  const listing = await listKernels({
    cacheDir: CACHE_DIR,
    ...(mirror === undefined ? {} : { mirror }),
  });
  const cached = new Set(listing.cached.map(({ kind, version }) => `${kind} ${version}`));
  for (const { kind, version } of listing.available) {
    const mark = cached.has(`${kind} ${version}`) ? '  cached' : '';
    process.stdout.write(`${kind.padEnd(4)} ${version}${mark}\n`);
  }
  return EXIT.holds;
}

/** Fetches the newest kernel of a version prefix. */
export async function kernelsFetch(
  spec: string,
  { backend, mirror }: Pick<KernelFlags, 'backend' | 'mirror'>,
): Promise<number> {
  const image = await resolveKernel(spec, {
    cacheDir: CACHE_DIR,
    refresh: true,
    note: tellOnStderr,
    ...(backend === undefined ? {} : { backend }),
    ...(mirror === undefined ? {} : { mirror }),
  });
  process.stdout.write(`${image.release} ${image.imagePath}\n`);
  return EXIT.holds;
}
