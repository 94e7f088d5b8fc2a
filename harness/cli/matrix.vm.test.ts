import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as v from 'valibot';
import { questionsDocument } from '../report/comparison-documents.ts';
import { runDocument } from '../report/document.ts';

const MAIN = join(import.meta.dirname, 'ovlcheck.ts');
const DIR = mkdtempSync(join(tmpdir(), 'ovlcheck-test-'));

afterAll(() => {
  rmSync(DIR, { recursive: true });
});

function matrix(...args: readonly string[]): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [MAIN, 'matrix', ...args], { encoding: 'utf8' });
}

test('a matrix has a cell for each kernel and mount, and goes on where it was', () => {
  const report = join(DIR, 'cells');
  const own = ['--kernels', 'host,6.1', '--base', 'tmpfs', '--base', 'ext4', '--scenarios', '3'];
  const { status, stdout } = matrix(...own, '--options', 'redirect_dir=off', '--report', report);
  expect(stdout).toMatch(/^base +options +host +6\.1$/m);
  expect(stdout).toMatch(/^ext4 +redirect_dir=off +holds\S* .*holds/m);
  expect(stdout).toMatch(/^4 cells, 12 scenarios/m);
  expect(status).toBe(0);
  const cell = join(report, '6.1-2', 'cell.json');
  rmSync(cell);
  const again = matrix('--resume', report, '--json');
  const document = JSON.parse(again.stdout);
  expect(v.safeParse(runDocument, document).issues).toBeUndefined();
  expect(document.kernels).toHaveLength(4);
  expect(existsSync(cell)).toBe(true);
  expect(readFileSync(join(report, 'table.txt'), 'utf8')).toMatch(/^tmpfs /m);
});

test('questions are answered by each kernel', () => {
  const report = join(DIR, 'questions');
  const { status, stdout } = matrix(
    ...['--suite', 'metacopy', '--kernels', 'host,6.1', '--report', report],
  );
  expect(stdout).toMatch(/^does open\(2\) to write +yes +yes$/m);
  expect(stdout).toContain('each as the model of its kernel says');
  expect(status).toBe(0);
  const document: unknown = JSON.parse(readFileSync(join(report, 'result.json'), 'utf8'));
  const { rows } = v.parse(questionsDocument, document);
  expect(rows[0]?.cells).toMatchObject([{ kernel: 'host', agrees: true }, { kernel: '6.1' }]);
});
