import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ROOT, textOf, trackedFiles } from './sources.ts';
import { readYaml } from './yaml.ts';
import type { Yaml } from './yaml.ts';

const WORKFLOWS = trackedFiles().filter((file) => /^\.github\/workflows\/.*\.yml$/.test(file));
const MANIFEST = 'ci/kubernetes-job.yml';
const CHECK_KERNELS = '.github/workflows/check-kernels.yml';

/** Every value of a key, wherever it is. */
function* valuesOf(yaml: Yaml, key: string): Generator<Yaml> {
  if (typeof yaml === 'string') return;
  for (const [name, value] of Object.entries(yaml)) {
    if (name === key) yield value;
    yield* valuesOf(value, key);
  }
}

async function scriptsOf(file: string): Promise<readonly string[]> {
  const documents = await readYaml(textOf(file));
  const key = file === MANIFEST ? 'args' : 'run';
  return documents.flatMap((document) =>
    [...valuesOf(document, key)].flat().filter((value) => typeof value === 'string'),
  );
}

test('YAML is read as it is meant', async () => {
  const text = "a: 1\nb:\n  - c: 'd'\n  - |\n    e\n    f\ng: [h, {i: j}]\nk:\n---\nl: m\n";
  expect(await readYaml(text)).toEqual([
    { a: '1', b: [{ c: 'd' }, 'e\nf\n'], g: ['h', { i: 'j' }], k: '' },
    { l: 'm' },
  ]);
  await expect(readYaml('a: [b')).rejects.toThrow();
});

test.each([...WORKFLOWS, MANIFEST])('the commands of %s are ones that exist', async (file) => {
  const scripts = await scriptsOf(file);
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect([status, stderr], script).toEqual([0, '']);
    for (const { command, flags } of ovlcheckCallsIn(script)) {
      const help = helpOf(command);
      expect(help, command).toContain(`Usage: ovlcheck ${command}`);
      expect(flags.filter((flag) => !help.includes(`${flag} `))).toEqual([]);
    }
  }
});

test.each(WORKFLOWS)('the actions of %s are pinned to a major version', async (file) => {
  const [workflow = ''] = await readYaml(textOf(file));
  const actions = [...valuesOf(workflow, 'uses')];
  expect(actions.length).toBeGreaterThan(0);
  for (const action of actions) expect(action).toMatch(/^actions\/[a-z-]+@v\d+$/);
});

test('the workflow is called and started with the same inputs, and uses each', async () => {
  const text = textOf(CHECK_KERNELS);
  const [workflow = ''] = await readYaml(text);
  const [called, started] = [...valuesOf(workflow, 'inputs')];
  expect(called).toEqual(started);
  const named = new Set([...text.matchAll(/\binputs\.(\w+)/g)].map((match) => match[1]));
  expect([...named].sort()).toEqual(Object.keys(called ?? {}).sort());
});

test('each script of the workflow takes what is filled in from its environment', async () => {
  // Text of whoever calls would otherwise be text of a shell.
  for (const script of await scriptsOf(CHECK_KERNELS)) expect(script).not.toContain('${{');
});

test('pods have an index each, and there are as many as shards', async () => {
  const [, job = ''] = await readYaml(textOf(MANIFEST));
  const [completions] = [...valuesOf(job, 'completions')];
  if (typeof completions !== 'string') throw new TypeError('no number of completions');
  const [environment = ''] = [...valuesOf(job, 'env')];
  expect([...valuesOf(job, 'completionMode')]).toEqual(['Indexed']);
  expect([...valuesOf(job, 'parallelism')]).toEqual([completions]);
  expect(environment).toContainEqual({ name: 'SHARDS', value: completions });
  const [script = ''] = await scriptsOf(MANIFEST);
  const shards = Array.from({ length: Number(completions) }, (_, index) => {
    const shown = script.replaceAll('exec ci/check', 'echo').replaceAll(/^(git|cd) .*$/gm, '');
    const env = { JOB_COMPLETION_INDEX: String(index), SHARDS: completions };
    const names = {
      REPOSITORY: '',
      KERNEL: '',
      SEED: '',
      SCENARIOS: '',
      PATH: process.env['PATH'],
    };
    const printed = execFileSync('bash', ['--norc', '-euc', shown], {
      ...{ encoding: 'utf8', env: { ...names, ...env } },
    });
    return / --shard (\S+) /.exec(printed)?.[1];
  });
  expect(shards).toEqual(shards.map((_, index) => `${index + 1}/${completions}`));
});

/** Calls of ours in a script, each with its flags; `ci/check` is a `run`. */
function ovlcheckCallsIn(
  script: string,
): readonly { readonly command: string; readonly flags: readonly string[] }[] {
  return script
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => {
      const [, called, args = ''] = /\b(ci\/check|ovlcheck [a-z-]+)\b(.*)/.exec(line) ?? [];
      if (called === undefined) return [];
      const command = called === 'ci/check' ? 'run' : called.replace('ovlcheck ', '');
      return [{ command, flags: args.match(/(?<=\s)--[a-z-]+/g) ?? [] }];
    });
}

const helps = new Map<string, string>();

function helpOf(command: string): string {
  const known = helps.get(command);
  if (known !== undefined) return known;
  const args = [`${ROOT}/harness/cli/ovlcheck.ts`, command, '--help'];
  const help = execFileSync(process.execPath, args, { encoding: 'utf8' });
  helps.set(command, help);
  return help;
}
