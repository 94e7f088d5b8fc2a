import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../errors.ts';
import { run } from '../process.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SUITES = ['bullseye', 'bookworm', 'trixie', 'trixie-backports', 'sid', 'experimental'];
const APT_TIMEOUT_MS = 600_000;

/** Debian's name of this machine's architecture. */
export const DEBIAN_ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** The archive as apt sees it from a state of its own: the system's lists stay untouched. */
export interface Archive {
  /** Names of packages that match a regular expression. */
  search(pattern: string): Promise<readonly string[]>;
  /** Downloads packages into a folder; apt checks signatures and sums. */
  download(packages: readonly string[], dir: string): Promise<void>;
}

/** Opens the archive and fetches its lists. The mirror is the one that the machine's apt uses. */
export async function openArchive(cacheDir: string, mirror: string | null): Promise<Archive> {
  const root = join(cacheDir, 'apt');
  for (const dir of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(root, dir), { recursive: true });
  }
  const address = mirror ?? (await mirrorOfThisMachine());
  const sources = SUITES.map((suite) => `deb [signed-by=${KEYRING}] ${address} ${suite} main\n`);
  writeFileSync(join(root, 'sources.list'), sources.join(''));
  writeFileSync(join(root, 'status'), '');
  const options = [
    ['Dir::State', join(root, 'state')],
    ['Dir::State::status', join(root, 'status')],
    ['Dir::Cache', join(root, 'cache')],
    ['Dir::Etc::sourcelist', join(root, 'sources.list')],
    ['Dir::Etc::sourceparts', '-'],
    ['Dir::Etc::preferences', '-'],
    ['Dir::Etc::preferencesparts', '-'],
    ['APT::Sandbox::User', 'root'],
    ['APT::Architecture', DEBIAN_ARCH],
    ['Acquire::Languages', 'none'],
  ].flatMap(([name, value]) => ['-o', `${name ?? ''}=${value ?? ''}`]);
  await runApt('apt-get', [...options, '--error-on=any', 'update'], root);
  return {
    async search(pattern) {
      const out = await runApt('apt-cache', [...options, 'search', '--names-only', pattern], root);
      return out.split('\n').flatMap((line) => line.split(' ')[0] ?? []);
    },
    async download(packages, dir) {
      await runApt('apt-get', [...options, 'download', ...packages], dir);
    },
  };
}

/** Where this machine gets Debian from, as apt itself says. */
async function mirrorOfThisMachine(): Promise<string> {
  const format = '$(REPO_URI) $(LABEL)';
  const { stdout } = await run('apt-get', ['indextargets', '--format', format]);
  const line = stdout.split('\n').find((candidate) => candidate.endsWith(' Debian'));
  const address = line?.split(' ')[0];
  if (address !== undefined) return address;
  throw new HarnessError(
    'archive',
    "no Debian archive among this machine's apt sources; run apt-get update, or name a --mirror",
  );
}

async function runApt(command: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const result = await run(command, args, { cwd, env, timeoutMs: APT_TIMEOUT_MS });
  if (result.exitCode === 0) return result.stdout;
  const said = result.stderr.trim().split('\n').slice(-4).join('; ');
  const isFull = said.includes('No space left') || said.includes("don't have enough free space");
  throw new HarnessError(isFull ? 'disk-full' : 'archive', `${command}: ${said}`);
}
