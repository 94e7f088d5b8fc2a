import { glob, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { HarnessError } from '../errors.ts';
import { run } from '../process.ts';
import type { RunResult } from '../process.ts';
import { readAptSources, suitesOn } from './mirror.ts';

const UPDATE_TIMEOUT_MS = 300_000;
const DOWNLOAD_TIMEOUT_MS = 600_000;
/** Lists that are this young are not asked for again. */
const FRESH_MS = 60 * 60 * 1000;

/** Debian's archive, asked through an apt whose state is all in a folder of ours. */
export interface Archive {
  /** Brings the lists of packages up to date; nothing to do when they are young. */
  readonly refresh: (how: 'if-old' | 'always') => Promise<void>;
  /** Every version of the packages whose names match, from the lists as they are. */
  readonly packages: (pattern: RegExp) => Promise<readonly ArchivePackage[]>;
  /** Downloads packages into a folder; apt checks them against the signed lists. */
  readonly download: (packages: readonly ArchivePackage[], folder: string) => Promise<void>;
  /** What was wrong with the last refresh, if it was done and not all went well. */
  readonly complaints: () => readonly string[];
}

export interface ArchivePackage {
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
  /** What it needs, as Debian writes it: `libc6 (>= 2.38), other`. */
  readonly depends?: string;
}

export async function openArchive(cacheDir: string, mirror?: string): Promise<Archive> {
  const folder = join(cacheDir, 'apt');
  const confFile = await writeConfiguration(folder, mirror);
  let complaints: readonly string[] = [];
  // flock, since apt gives up at once when another one works in the same folder.
  const apt = (args: readonly string[], timeoutMs?: number, cwd = folder): Promise<RunResult> =>
    run('flock', [join(folder, 'flock'), ...args], {
      cwd,
      env: { APT_CONFIG: confFile, LC_ALL: 'C.UTF-8' },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });

  return {
    complaints: () => complaints,

    async refresh(how) {
      const stamp = join(folder, 'refreshed');
      const age = Date.now() - ((await stat(stamp).catch(() => null))?.mtimeMs ?? 0);
      if (how === 'if-old' && age < FRESH_MS) return;
      const { exitCode, stderr } = await apt(['apt-get', '-q', 'update'], UPDATE_TIMEOUT_MS);
      complaints = stderr.split('\n').filter((line) => /^[EW]:/.test(line));
      // A suite that a mirror does not have makes apt fail, and the others are there all the same.
      const lists = await readdir(join(folder, 'state/lists')).catch(() => []);
      if (!lists.some((name) => name.includes('_Packages'))) {
        const why = complaints[0] ?? `apt-get ended with ${exitCode}: ${stderr.trim()}`;
        throw new HarnessError('archive', `no list of packages could be fetched: ${why}`);
      }
      await writeFile(stamp, '');
    },

    async packages(pattern) {
      const { stdout } = await apt(['apt-cache', 'pkgnames']);
      const names = stdout.split('\n').filter((name) => pattern.test(name));
      if (names.length === 0) return [];
      return parsePackages((await apt(['apt-cache', 'show', ...names])).stdout);
    },

    async download(packages, into) {
      const wanted = packages.map(({ name, version }) => `${name}=${version}`);
      const result = await apt(['apt-get', '-q', 'download', ...wanted], DOWNLOAD_TIMEOUT_MS, into);
      if (result.exitCode === 0) return;
      const why = result.stderr.split('\n').find((line) => line.startsWith('E:')) ?? '';
      const isFull = /No space left|not have enough free space/.test(result.stderr);
      throw new HarnessError(isFull ? 'disk-full' : 'archive', `${wanted.join(', ')}: ${why}`);
    },
  };
}

/** Reads what `apt-cache show` prints: a paragraph for each version of each package. */
export function parsePackages(text: string): readonly ArchivePackage[] {
  return text.split('\n\n').flatMap((paragraph) => {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1];
    const name = field('Package');
    const version = field('Version');
    if (name === undefined || version === undefined) return [];
    const depends = field('Depends');
    const found = { name, version, bytes: Number(field('Size') ?? 0) };
    return [depends === undefined ? found : { ...found, depends }];
  });
}

/**
 * Writes an apt configuration that shares nothing with the machine's own but how to reach the
 * network. Valid-Until is not asked for: an old list of kernels, signed, is as good for us, and
 * mirrors that stand still are common in CI.
 */
async function writeConfiguration(folder: string, mirror?: string): Promise<string> {
  for (const part of ['state/lists/partial', 'cache/archives/partial', 'preferences']) {
    await mkdir(join(folder, part), { recursive: true });
  }
  const keyring = await findKeyring();
  const suites = suitesOn(await readAptSources(), mirror);
  const lines = suites.map(({ uri, suite }) => `deb [signed-by=${keyring}] ${uri} ${suite} main\n`);
  await writeFileAtomically(join(folder, 'sources.list'), lines.join(''));
  await writeFile(join(folder, 'status'), '');
  const network = (await run('apt-config', ['dump'])).stdout
    .split('\n')
    .filter((line) => /^Acquire::(?:https?|socks|ForceIPv[46]|Retries|Proxy)\b/.test(line));
  const file = join(folder, 'apt.conf');
  await writeFileAtomically(file, `${[...network, ...configuration(folder)].join('\n')}\n`);
  return file;
}

function configuration(folder: string): readonly string[] {
  return [
    'Dir::Etc::main "/dev/null";',
    'Dir::Etc::parts "/dev/null";',
    'Dir::Etc::sourceparts "/dev/null";',
    `Dir::Etc::sourcelist "${folder}/sources.list";`,
    `Dir::Etc::preferencesparts "${folder}/preferences";`,
    `Dir::State "${folder}/state";`,
    `Dir::State::status "${folder}/status";`,
    `Dir::Cache "${folder}/cache";`,
    'Acquire::Languages "none";',
    'Acquire::PDiffs "false";',
    'Acquire::GzipIndexes "true";',
    'Acquire::Check-Valid-Until "false";',
    // As root apt would drop its rights and then lack the right to write to our folder.
    'APT::Sandbox::User "root";',
  ];
}

async function findKeyring(): Promise<string> {
  for await (const path of glob('/usr/share/keyrings/debian-archive-keyring.{gpg,pgp}')) {
    return path;
  }
  const hint = 'apt-get install debian-archive-keyring';
  throw new HarnessError('unavailable', `Debian's keys are not installed: ${hint}`);
}
