import { readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Scenario } from '../../model/scenario.ts';
import { ANY_OPTIONS } from '../../properties/options.ts';
import { scenarioAt } from '../../properties/scenarios.ts';
import { FIXTURES_DIR } from '../cli/context.ts';
import { run, runChecked } from '../process.ts';
import { parseScenario } from '../scenario-file.ts';
import { makeScratchFolder } from '../scratch.ts';
import { exportC } from './c.ts';
import { exportFstests, goldenOutput } from './fstests.ts';
import { reproducerOf } from './reproducer.ts';
import type { Reproducer } from './reproducer.ts';
import { exportSh } from './sh.ts';
import { stateText } from './state-text.ts';

// Reproducers make namespaces of their own, so this kernel serves as well as any.
const HOST = release();
const RELEASES = ['5.10', '6.1', '6.12', '7.3'];
const FIXTURES = [
  'holes-filled-for-a-copy-that-fails',
  'lease-of-directory',
  'rename-of-lower-directory',
  'watch-of-name-that-is-open',
  'watch-through-copy-up',
];
const IN_SHELL = [
  'rename-of-lower-directory',
  'whiteout-and-recreate',
  'translation-outlives-link',
];
const RANDOM = 12;
const SUITE = join(import.meta.dirname, 'suite-stand-in.sh');

test.each(FIXTURES)('%s in C tells kernels apart', async (name) => {
  const scenario = stored(name);
  const here = expectedOf(reproducerOf(scenario, HOST));
  const statuses = new Set<number>();
  for (const version of [HOST, ...RELEASES]) {
    const reproducer = reproducerOf(scenario, version);
    const isSame = expectedOf(reproducer) === here;
    const { exitCode, stdout } = await runC(exportC(reproducer));
    expect(exitCode, `as ${version}: ${stdout}`).toBe(isSame ? 0 : 1);
    statuses.add(exitCode);
  }
  expect([...statuses].sort()).toEqual([0, 1]);
});

test.each(IN_SHELL)('%s in bash tells kernels apart', async (name) => {
  const scenario = stored(name);
  const here = expectedOf(reproducerOf(scenario, HOST));
  for (const version of [HOST, '5.10', '7.3']) {
    const reproducer = reproducerOf(scenario, version);
    const { exitCode, stdout } = await runText(exportSh(reproducer));
    expect(exitCode, `as ${version}: ${stdout}`).toBe(expectedOf(reproducer) === here ? 0 : 1);
  }
});

test.each(IN_SHELL)('%s as a case of fstests tells kernels apart', async (name) => {
  const scenario = stored(name);
  const here = expectedOf(reproducerOf(scenario, HOST));
  for (const version of [HOST, '5.10', '7.3']) {
    const reproducer = reproducerOf(scenario, version);
    const { exitCode, stdout } = await runCase(reproducer, 'tmpfs');
    expect(exitCode, `as ${version}: ${stdout}`).toBe(expectedOf(reproducer) === here ? 0 : 1);
  }
  const elsewhere = await runCase(reproducerOf(scenario, HOST), 'btrfs');
  expect(elsewhere).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/on tmpfs or/) });
});

test('random scenarios in C do what the model of this kernel says', async () => {
  for (let index = 0; index < RANDOM; index++) {
    const wishes = { options: ANY_OPTIONS, stepCount: 40, release: HOST };
    const scenario = scenarioAt(8, index, wishes);
    if (scenario.mounter !== undefined) continue;
    const { exitCode, stdout } = await runC(exportC(reproducerOf(scenario, HOST)));
    expect(exitCode, `${index}: ${stdout}`).toBe(0);
  }
});

const FILES = [{ path: 'd/f', type: 'file', pieces: [{ at: 0, text: 'x' }] }] as const;
const EVERYWHERE: Scenario = {
  base: 'ext4',
  otherBases: ['xfs', 'btrfs', 'squashfs', 'erofs', 'overlay', 'tmpfs'],
  layers: [
    { role: 'upper', entries: [] },
    ...[1, 2, 3, 4, 5, 6].map((on) => {
      const entries = [...FILES, { path: `of${on}`, type: 'file' } as const];
      return { role: 'lower', on, entries } as const;
    }),
  ],
  options: 'redirect_dir=off,index=off,metacopy=off,nfs_export=off,xino=off',
  steps: [
    ...[1, 2, 3, 4, 5, 6].map((on) => {
      return { op: 'chmod', args: { path: `of${on}`, mode: 0o600 } } as const;
    }),
    { op: 'rename', args: { from: 'd', to: 'e', flags: [] } },
    { op: 'sync', args: {} },
  ],
};

test('layers on every file system are made by the tools for it', async () => {
  const reproducer = reproducerOf(EVERYWHERE, HOST);
  const inC = await runC(exportC(reproducer));
  expect(inC.exitCode, inC.stdout).toBe(0);
  const inShell = await runText(exportSh(reproducer));
  expect(inShell.exitCode, inShell.stdout).toBe(0);
});

function stored(name: string): Scenario {
  const file = join(FIXTURES_DIR, 'scenarios', `${name}.json`);
  return parseScenario(readFileSync(file, 'utf8'), name);
}

/** What a reproducer can tell apart. */
function expectedOf({ predicted }: Reproducer): string {
  return JSON.stringify(predicted.map((step) => [step.result, stateText(step, { hasInos: true })]));
}

/** As fstests would, on a machine whose scratch file system is of one type. */
async function runCase(reproducer: Reproducer, base: string): Promise<Ran> {
  await using scratch = await makeScratchFolder();
  const [path, name] = [scratch.path, '900'];
  writeFileSync(join(path, name), exportFstests(reproducer, name), { mode: 0o755 });
  writeFileSync(join(path, `${name}.out`), goldenOutput(reproducer, name));
  return await run('bash', [SUITE, name, base], { cwd: path });
}

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
}

async function runText(script: string): Promise<Ran> {
  await using scratch = await makeScratchFolder();
  const path = join(scratch.path, 'repro.sh');
  writeFileSync(path, script);
  return await run('bash', [path]);
}

async function runC(text: string): Promise<Ran> {
  await using scratch = await makeScratchFolder();
  const path = join(scratch.path, 'repro');
  writeFileSync(`${path}.c`, text);
  await runChecked('cc', ['-O0', '-Wall', '-Werror', '-o', path, `${path}.c`]);
  return await run(path, []);
}
