import { expect, test } from 'vitest';
import type { Step } from '../ops/index.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';

/** "a" is made anew and then replaced by the copy-up of the directory that was removed. */
const REPLACE: readonly Step[] = [
  { op: 'open', args: { slot: 0, path: 'a', flags: ['O_RDONLY'], mode: 0 } },
  { op: 'rmdir', args: { path: 'a' } },
  { op: 'mkdir', args: { path: 'a', mode: 0o755 } },
  { op: 'fsetxattr', args: { fd: 0, name: 'user.a', value: '', flags: [] } },
];

test.each<Step>([
  { op: 'mkdir', args: { path: 'a/b', mode: 0o755 } },
  { op: 'link', args: { from: 'b', to: 'a/b', flags: [] } },
  { op: 'rename', args: { from: 'b', to: 'a/b', flags: [] } },
])('$op brings nothing into a directory that a removed one has replaced', (step) => {
  const layers = [
    { role: 'upper', entries: [] },
    {
      role: 'lower',
      entries: [
        { path: 'a', type: 'dir' },
        { path: 'b', type: 'file' },
      ],
    },
  ] as const;
  const scenario = { base: 'tmpfs', layers, options: '', steps: [...REPLACE, step] } as const;
  const trace = simulate(scenario, resolveProfile('linux-6.18'), USUAL_ENVIRONMENT);
  expect(trace.at(-1)?.result).toMatchObject({ ok: false, anyOf: ['ENOENT'] });
});
