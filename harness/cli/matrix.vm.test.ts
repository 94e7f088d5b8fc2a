import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
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

function matrix(...args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
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

test('a killed matrix runs what is left, and comes to the same table', async () => {
  const values = ['off', 'on', 'follow', 'nofollow'];
  const rows = values.flatMap((value) => ['--options', `redirect_dir=${value}`]);
  const own = ['--kernels', 'host', ...rows, '--scenarios', '20', '--jobs', '1'];
  const report = join(DIR, 'killed');
  const args = [MAIN, 'matrix', ...own, '--report', report];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  // In a pipe, each cell that is finished is a line.
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const finished = cellTimes(report);
  expect(finished.length).toBeGreaterThan(0);
  expect(finished.length).toBeLessThan(values.length);
  const again = matrix(...own, '--report', report);
  const whole = matrix(...own, '--report', join(DIR, 'whole'));
  expect([again.status, whole.status]).toEqual([0, 0]);
  const cells = cellTimes(report);
  expect(cells).toHaveLength(values.length);
  expect(cells).toEqual(expect.arrayContaining([...finished]));
  expect(again.stdout).toMatch(/^4 cells, 80 scenarios/m);
  const tableIn = (folder: string) => readFileSync(join(DIR, folder, 'table.txt'), 'utf8');
  expect(tableIn('killed')).toBe(tableIn('whole'));
  const other = matrix(...own, '--base', 'ext4', '--report', report);
  expect([other.status, other.stderr]).toEqual([
    ...[2, `ovlcheck: ${report} holds another matrix; choose another --report\n`],
  ]);
});

/** Each cell that is finished, and when it was. */
function cellTimes(report: string): readonly (readonly [string, number])[] {
  const files = globSync('*/cell.json', { cwd: report });
  return files.map((file) => [file, statSync(join(report, file)).mtimeMs]);
}

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
