import { glob, readFile } from 'node:fs/promises';
import { HarnessError } from '../errors.ts';

/** Debian's releases that a kernel may come from, by the names that their suites begin with. */
const RELEASES = ['bullseye', 'bookworm', 'trixie'];
const ROLLING = ['sid', 'experimental'];
/** Other names for some of these, as sources may have them. */
const ALIASES = ['stable', 'oldstable', 'oldoldstable', 'testing', 'unstable'];

/** One place to get packages from. */
export interface Suite {
  readonly uri: string;
  readonly suite: string;
}

/** The suites of Debian's archive that can have kernels, on the mirror that this machine uses. */
export function suitesOn(sources: readonly Suite[], mirror?: string): readonly Suite[] {
  const main = mirror ?? sources.find(({ suite }) => isMain(suite))?.uri;
  if (main === undefined) {
    const hint = 'name one with --mirror';
    throw new HarnessError('archive', `no apt source of this machine is a Debian mirror: ${hint}`);
  }
  const security = sources.find(({ suite }) => suite.endsWith('-security'))?.uri;
  const suites = [...RELEASES, ...RELEASES.map((name) => `${name}-backports`), ...ROLLING];
  return [
    ...suites.map((suite) => ({ uri: main, suite })),
    ...(security === undefined
      ? []
      : RELEASES.map((name) => ({ uri: security, suite: `${name}-security` }))),
  ];
}

function isMain(suite: string): boolean {
  return [...RELEASES, ...ROLLING, ...ALIASES].includes(suite);
}

/** What the apt sources of this machine name. */
export async function readAptSources(folder = '/etc/apt'): Promise<readonly Suite[]> {
  const found: Suite[] = [];
  for await (const path of glob([`${folder}/sources.list`, `${folder}/sources.list.d/*`])) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (path.endsWith('.sources')) found.push(...parseDeb822(text));
    else if (path.endsWith('.list')) found.push(...parseOneLine(text));
  }
  return found;
}

/** `deb [options] uri suite components...` */
export function parseOneLine(text: string): readonly Suite[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line);
    const [, uri, suite] = match ?? [];
    return uri === undefined || suite === undefined ? [] : [{ uri, suite }];
  });
}

/** Paragraphs of `Field: value` lines, where a line that begins with a space goes on. */
export function parseDeb822(text: string): readonly Suite[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap((paragraph) => {
      const words = (field: string): readonly string[] => {
        const pattern = new RegExp(`^${field}:((?:.*\\n?)(?:[ \\t].*\\n?)*)`, 'im');
        const value = pattern.exec(paragraph)?.[1] ?? '';
        return value.split(/\s+/).filter((word) => word !== '');
      };
      if (!words('Types').includes('deb') || words('Enabled')[0] === 'no') return [];
      return words('URIs').flatMap((uri) => words('Suites').map((suite) => ({ uri, suite })));
    });
}
