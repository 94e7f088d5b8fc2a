import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, expect, test } from 'vitest';
import { runDocument } from '../report/document.ts';

const MAIN = join(import.meta.dirname, 'ovlcheck.ts');
const DIR = mkdtempSync(join(tmpdir(), 'ovlcheck-test-'));
const HOST = ['--backend', 'namespace', '--kernel', 'host'];

afterAll(() => {
  rmSync(DIR, { recursive: true });
});

test('a campaign on this kernel prints one document and leaves a report', () => {
  const report = join(DIR, 'json');
  const args = ['run', ...HOST, '--scenarios', '40', '--seed', '3', '--report', report, '--json'];
  const { status, stdout } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  const document = v.parse(runDocument, JSON.parse(stdout));
  expect(document).toMatchObject({
    seed: 3,
    kernels: [{ backend: 'namespace', scenarios: 40 }],
    rules: { reached: expect.any(Number) },
  });
  expect(document.kernels[0]?.steps).toBeGreaterThan(40);
  expect([0, 1]).toContain(status);
  expect(readFileSync(join(report, 'junit.xml'), 'utf8')).toContain(`(namespace)"`);
  expect(document.findings).toHaveLength(
    readdirSync(report).filter((name) => name.endsWith('.txt')).length,
  );
});

test('an interrupted campaign says how to go on, and going on runs the rest', async () => {
  const report = join(DIR, 'interrupted');
  const args = ['run', ...HOST, '--time', '60s', '--seed', '5', '--report', report];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  let isInterrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (isInterrupted || !output.includes('machine namespace')) return;
    isInterrupted = true;
    child.kill('SIGINT');
  });
  const [status] = await once(child, 'exit');
  expect(status).toBe(130);
  expect(output).toContain(`go on with: npx ovlcheck run --resume ${report}`);
  const record = JSON.parse(readFileSync(join(report, 'campaign.json'), 'utf8'));
  const total = Number(record.tally.scenarios) + 25;
  const again = ['run', '--backend', 'namespace', '--resume', report, '--json'];
  const { stdout } = spawnSync(process.execPath, [MAIN, ...again, '--scenarios', String(total)], {
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout)).toMatchObject({ seed: 5, kernels: [{ scenarios: total }] });
});

test('a campaign does not go on on another kernel', () => {
  const report = join(DIR, 'another');
  const args = ['run', ...HOST, '--scenarios', '4', '--seed', '3', '--report', report, '--json'];
  spawnSync(process.execPath, [MAIN, ...args]);
  const file = join(report, 'campaign.json');
  const record = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...record, release: '5.10.0-other' }));
  const again = ['run', '--backend', 'namespace', '--resume', report, '--scenarios', '8'];
  const { status, stdout } = spawnSync(process.execPath, [MAIN, ...again], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stdout).toContain(`this campaign began on 5.10.0-other; here runs ${record.release}`);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    release: '5.10.0-other',
    tally: { scenarios: 4 },
  });
});
