import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding } from '../campaign-plan.ts';
import { makeScratchFolder } from '../scratch.ts';
import { reproducerBeside, writeReproducer } from './beside-finding.ts';
import { reproducerOf } from './reproducer.ts';

const RELEASE = '6.18';

test('beside a finding there is a reproducer that ends with the step that differs', async () => {
  await using scratch = await makeScratchFolder();
  const file = join(scratch.path, 'finding-1.json');
  expect(reproducerBeside(file)).toBe(null);
  const scenario: Finding['scenario'] = {
    base: 'tmpfs',
    layers: [
      { role: 'upper', entries: [] },
      { role: 'lower', entries: [{ path: 'a', type: 'fifo' }] },
    ],
    options: 'index=off',
    steps: [{ op: 'unlink', args: { path: 'a' } }],
  };
  const at = { step: 1, at: 'result', field: 'result errno' };
  const finding: Finding = {
    ...{
      kind: 'difference',
      cause: 'unlink',
      rule: null,
      rules: [],
      isMinimal: true,
      explanation: null,
      log: null,
    },
    ...{ reproduced: { times: 3, of: 3 }, seed: 1, index: 0, release: RELEASE, backend: 'qemu' },
    scenario,
    checked: {
      differences: [{ ...at, predicted: 'success', observed: 'EPERM' }],
      predicted: reproducerOf(scenario, RELEASE).predicted,
      observed: [],
    },
  };
  // Held against other semantics, its reproducer would expect what nobody said.
  const { predicted } = reproducerOf(scenario, '5.10');
  const { checked } = finding;
  writeReproducer({ ...finding, checked: checked && { ...checked, predicted } }, file);
  expect(reproducerBeside(file)).toBe(null);
  writeReproducer(finding, file);
  const reproducer = reproducerBeside(file);
  expect(reproducer).toMatch(/finding-1\.sh$/);
  const text = readFileSync(reproducer ?? '', 'utf8');
  expect(text).toContain('#   result: expected success, seen EPERM\n');
  expect(text).toContain('works unlink m/a\n');
  expect(text).not.toContain('drop_caches\n');
});
