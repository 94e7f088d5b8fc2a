import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { playedBy } from '../properties/model-kernel.ts';
import { PROPERTIES } from '../properties/index.ts';
import { patchedKernel, proposalFor } from './mutants/patches.ts';
import { readSuite } from './suite.ts';
import { answerOf } from './suite-answer.ts';
import { gridText } from './report/grid.ts';

const SUITES = join(import.meta.dirname, '../fixtures/suites');
const KERNELS = ['5.10', '6.1', '6.12.117', '6.18.44', '7.3.4'] as const;

test.each(readdirSync(SUITES))('the model answers every question of %s', async (name) => {
  const folder = join(SUITES, name);
  const { rows, beside } = readSuite(folder);
  const kernels = [...KERNELS, ...beside];
  const lines: string[][] = [['', ...kernels]];
  for (const row of rows) {
    expect(Object.keys(PROPERTIES)).toContain(row.property ?? 'lockstep');
    // A law of its own is there for what the model does not predict.
    if (row.property !== undefined) continue;
    const answers = await Promise.all(
      kernels.map(async (kernel) => {
        const release = patchedKernel(kernel)?.kernel ?? kernel;
        const observed = await playedBy(proposalFor(kernel) ?? kernel, release).run(row.scenario);
        return answerOf(row.scenario, observed, row);
      }),
    );
    lines.push([row.question, ...answers]);
  }
  await expect(`${gridText(lines)}\n`).toMatchFileSnapshot(join(folder, 'predicted.txt'));
  const stored = readdirSync(folder).filter((file) => /^(?!suite).*\.json$/.test(file));
  expect(stored.filter((file) => !rows.some((row) => row.file === join(folder, file)))).toEqual([]);
});

test('a suite that is wrong says where', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ovlcheck-test-'));
  const write = (content: unknown): void => {
    writeFileSync(join(folder, 'suite.json'), JSON.stringify(content));
  };
  const row = { question: 'q', scenario: 'nowhere.json', shows: [{ result: 0 }] };
  expect(() => readSuite(folder)).toThrow(/cannot read/);
  write({ title: 't', rows: [{ ...row, shows: [{ result: -1 }] }] });
  expect(() => readSuite(folder)).toThrow(/suite\.json: rows\.0\.shows/);
  write({ title: 't', rows: [{ ...row, other: 1 }] });
  expect(() => readSuite(folder)).toThrow(/rows\.0\.other/);
  write({ title: 't', rows: [row] });
  expect(() => readSuite(folder)).toThrow(/cannot read .*nowhere\.json/);
  rmSync(folder, { recursive: true });
});
