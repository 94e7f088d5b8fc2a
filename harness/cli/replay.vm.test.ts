import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, expect, test } from 'vitest';
import { bisectDocument } from '../report/comparison-documents.ts';

const MAIN = join(import.meta.dirname, 'ovlcheck.ts');
const DIR = mkdtempSync(join(tmpdir(), 'ovlcheck-test-'));
const FILE = join(DIR, 'empty-acl.json');

writeFileSync(
  FILE,
  JSON.stringify({
    base: 'tmpfs',
    layers: [
      { role: 'upper', entries: [] },
      { role: 'lower', entries: [{ path: 'a', type: 'file' }] },
    ],
    options: 'redirect_dir=off,index=off,metacopy=off,nfs_export=off,xino=off',
    steps: [
      {
        op: 'setxattr',
        args: { path: 'a', name: 'system.posix_acl_access', value: '', flags: [] },
      },
      { op: 'chmod', args: { path: 'a', mode: 0o600 } },
    ],
  }),
);

afterAll(() => {
  rmSync(DIR, { recursive: true });
});

function replay(...args: readonly string[]): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [MAIN, 'replay', ...args, FILE], { encoding: 'utf8' });
}

test('kernels stand side by side, with who does as whom', () => {
  const { status, stdout } = replay('--kernels', '6.1,6.12,7.3');
  expect(stdout).toMatch(/^step {2}call +6\.1 +6\.12 +7\.3 +plain$/m);
  expect(stdout).toMatch(
    /^ {3}1 {2}setxattr.* -1 EINVAL +-1 ENODATA +-1 ENODATA .*<-- not alike$/m,
  );
  expect(stdout).toContain('6.1, 6.12, 7.3 as the model says');
  expect(stdout).toContain('kernels that do the same: 6.1 | 6.12, 7.3');
  expect(status).toBe(0);
});

test('bisect tells between which kernels it changed', () => {
  const args = [MAIN, 'bisect', '--kernels', '6.1,6.12', '--json', FILE];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const document = v.parse(bisectDocument, JSON.parse(stdout));
  expect(document).toMatchObject({ verdict: 'differs', first: '6.1', last: '6.1' });
  expect(document.changes).toEqual([['6.1', '6.12']]);
  expect(status).toBe(1);
});

test('git bisect gets the answers that it knows', () => {
  const ask = (...args: readonly string[]): number | null => replay('--git-bisect', ...args).status;
  const host = ['--kernel', 'host', '--backend', 'namespace'] as const;
  expect(ask(...host)).toBe(0);
  expect(ask(...host, '--semantics', '6.1')).toBe(1);
  expect(ask('--kernel', '6.1', '--module', FILE)).toBe(125);
  expect(ask('nowhere.json')).toBe(128);
});
