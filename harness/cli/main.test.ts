import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { afterAll, expect, test } from 'vitest';
import { DEFAULT_OPTIONS, scenarioAt } from '../../properties/scenarios.ts';
import { SCHEMA } from '../report/json-schema.ts';

const MAIN = join(import.meta.dirname, 'ovlcheck.ts');
const DIR = mkdtempSync(join(tmpdir(), 'ovlcheck-test-'));
const GOOD = scenarioAt(1, 7, { options: DEFAULT_OPTIONS, stepCount: 10 });

afterAll(() => {
  rmSync(DIR, { recursive: true });
});

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function ovlcheck(...args: readonly string[]): Ran {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', timeout: 15_000 });
}

function fileOf(name: string, content: unknown): string {
  const file = join(DIR, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function withSteps(...steps: readonly unknown[]): unknown {
  return { ...GOOD, steps };
}

test('predict prints the trace of the model, with no kernel', () => {
  const { status, stdout } = ovlcheck('predict', '--as', '6.1', fileOf('good.json', GOOD));
  expect(status).toBe(0);
  expect(stdout).toContain('as linux-6.1\n');
  // The set-up, the steps, and the epilogue of two.
  expect(stdout.match(/^ +\d+ {2}/gm)).toHaveLength(1 + GOOD.steps.length + 2);
});

test('rules lists every rule with its source', () => {
  const { status, stdout } = ovlcheck('rules');
  expect(status).toBe(0);
  expect(stdout).toMatch(/whiteout\/upper-hides/);
  expect(stdout).toMatch(/not compared:/);
});

test('diff-profiles prints a document of the published schema', () => {
  const args = ['6.12', '6.18', '--limit', '1', '--scenarios', '200', '--base', 'ext4'];
  const { status, stdout } = ovlcheck('diff-profiles', ...args, '--report', DIR, '--json');
  expect(status).toBe(1);
  const document: unknown = JSON.parse(stdout);
  const schema = { ...JSON.parse(SCHEMA), anyOf: [{ $ref: '#/definitions/diffProfiles' }] };
  const validate = new Ajv().compile(schema);
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  // What does not need a device is shown without one.
  expect(document).toMatchObject({ differences: [{ scenario: { base: 'tmpfs' } }] });
  expect(validate({ ...(document as object), unmet: null })).toBe(false);
});

test('every command explains itself, with an example', () => {
  const { stdout: all } = ovlcheck('--help');
  const listed = all.slice(all.indexOf('\nCommands:'));
  const commands = [...listed.matchAll(/^ {2}([a-z][a-z-]+)/gm)].map(([, name = '']) => name);
  expect(commands).toEqual(expect.arrayContaining(['run', 'merge', 'report', 'mutants']));
  for (const command of commands.filter((name) => name !== 'help')) {
    const { status, stdout } = ovlcheck(command, '--help');
    expect(status, command).toBe(0);
    expect(stdout, command).toContain(`Usage: ovlcheck ${command}`);
    expect(stdout, command).toMatch(/Examples?:\s+ovlcheck /);
  }
});

test('mutants list names each record, with its class', () => {
  const { status, stdout } = ovlcheck('mutants', 'list');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^copy-up-mtime-is-now +copy-up +a copied-up object/m);
  expect(stdout).toMatch(/\(equivalent\)$/m);
  const { status: unknown, stderr } = ovlcheck('mutants', 'build', 'no-such-mutant');
  expect([unknown, stderr]).toEqual([2, 'ovlcheck: no mutant no-such-mutant\n']);
});

const BAD_FILES: Readonly<Record<string, readonly [content: unknown, says: RegExp]>> = {
  'no JSON': ['{', /is no JSON/],
  'another document': [[], /base: is missing/],
  'a layer on a file system that is not there': [
    { ...GOOD, otherBases: ['tmpfs'], layers: GOOD.layers.map((layer) => ({ ...layer, on: 1 })) },
    /must have a file system for each layer/,
  ],
  'an unknown operation': [
    withSteps({ op: 'frob', args: {} }),
    /steps\.0\.op: "frob" is none that there is/,
  ],
  'an unknown argument': [
    withSteps({ op: 'unlink', args: { path: 'a', force: true } }),
    /steps\.0\.args\.force: is no known field/,
  ],
  'a missing argument': [withSteps({ op: 'unlink', args: {} }), /args\.path: is missing/],
  'an unknown flag': [
    withSteps({ op: 'rename', args: { from: 'a', to: 'b', flags: ['RENAME_FROB'] } }),
    /"RENAME_FROB" is none that there is/,
  ],
  'a way out': [withSteps({ op: 'unlink', args: { path: 'a/../../b' } }), /must be relative/],
  'an absolute path': [withSteps({ op: 'unlink', args: { path: '/a' } }), /must be relative/],
  'an absolute target': [
    withSteps({ op: 'symlink', args: { target: '/etc/passwd', path: 'a' } }),
    /must be relative/,
  ],
  'an absurd size': [
    withSteps({ op: 'truncate', args: { path: 'a', offset: 1e15 } }),
    /offset: .*65536/,
  ],
  'too many steps': [
    withSteps(...Array<unknown>(500).fill({ op: 'dropCaches', args: {} })),
    /steps: .*200/,
  ],
  'no lower layer': [{ ...GOOD, layers: [] }, /at least one lower/],
  'layers in the options': [{ ...GOOD, options: 'upperdir=a' }, /must not name layers/],
  'a path in the options': [{ ...GOOD, options: 'lowerdir=/etc' }, /options/],
};

test.each(Object.entries(BAD_FILES))(
  'a scenario file with %s is refused',
  (name, [content, says]) => {
    const file = fileOf(`${name.replaceAll(' ', '-')}.json`, content);
    expectRefusal(ovlcheck('predict', file), says);
  },
);

const BAD_ARGUMENTS: readonly (readonly [line: string, says: RegExp])[] = [
  ['run --frob', /unknown option '--frob'/],
  ['frob', /unknown command 'frob'/],
  ['run --seed x', /--seed must be a whole number/],
  ['run --base tmpfs,ntfs', /--base takes any, or a list of: tmpfs/],
  ['run --jobs 0', /--jobs must be .* at least 1/],
  ['run --shard 3/2', /--shard takes I\/N/],
  ['run --time 5', /--time takes a span/],
  ['run --backend xen', /Allowed choices are qemu, uml, namespace/],
  ['run --property nope', /no property nope; there are lockstep/],
  ['run --options lowerdir=x', /must not name layers/],
  ['run --resume nowhere', /nowhere holds no campaign/],
  ['predict', /missing required argument/],
  ['predict nowhere.json', /cannot read nowhere\.json/],
  ['predict --as new nowhere.json', /no semantics new; there are linux-5.10/],
];

test.each(BAD_ARGUMENTS)('ovlcheck %s is refused', (line, says) => {
  expectRefusal(ovlcheck(...line.split(' ')), says);
});

function expectRefusal({ status, stdout, stderr }: Ran, says: RegExp): void {
  expect(stderr).toMatch(says);
  expect(stderr).not.toContain('    at ');
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  expect(stdout).toBe('');
  expect(status).toBe(2);
}
