import { expect, test } from 'vitest';
import type { NfsVersion } from '../flags.ts';
import type { Step } from '../ops/index.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';
import { Content } from '../sparse.ts';

const ON = 'redirect_dir=on,index=on,metacopy=off,nfs_export=on,xino=off';

function traceOf(steps: readonly Step[], options = ON) {
  const layers = [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: [{ path: 'a', type: 'file', pieces: [{ at: 0, text: 'old' }] }] },
  ] as const;
  const scenario = { base: 'tmpfs', layers, options, steps } as const;
  return simulate(scenario, resolveProfile('linux-6.18.44'), USUAL_ENVIRONMENT);
}

const mount = (version: NfsVersion): Step => ({ op: 'nfsMount', args: { version } });
const open: Step = {
  op: 'outsideOpen',
  args: { outside: 0, place: 'nfs', path: 'a', access: 'rw' },
};
const write: Step = { op: 'outsideWrite', args: { outside: 0, bytes: 'new', offset: 0 } };
const read: Step = { op: 'outsideRead', args: { outside: 0, size: 8, offset: 0 } };

test('an overlay without nfs_export is not exported', () => {
  const trace = traceOf([mount('nfs42'), open], ON.replace('nfs_export=on', 'nfs_export=off'));
  expect(trace.at(1)?.result).toEqual({ ok: false, anyOf: ['EINVAL'] });
  expect(trace.at(2)?.result).toEqual({ ok: false, anyOf: ['ENOENT'] });
});

test('a file is copied up when an NFS 4 client opens it, and when an NFS 3 client writes', () => {
  expect(
    traceOf([mount('nfs40'), open])
      .at(-1)
      ?.base.has('u/a'),
  ).toBe(true);
  expect(
    traceOf([mount('nfs3'), open])
      .at(-1)
      ?.base.has('u/a'),
  ).toBe(false);
  const written = traceOf([mount('nfs3'), open, write]).at(-1);
  expect(written?.base.get('u/a')?.node).toMatchObject({ content: Content.of('new') });
});

test('what a client writes goes to the file it has open, wherever that is now', () => {
  const rename: Step = { op: 'rename', args: { from: 'a', to: 'b', flags: [] } };
  const last = traceOf([mount('nfs3'), open, rename, write]).at(-1);
  expect(last?.base.get('u/b')?.node).toMatchObject({ content: Content.of('new') });
});

test('a removed file is gone for an NFS 3 client, and there for an NFS 4 client', () => {
  const unlink: Step = { op: 'unlink', args: { path: 'a' } };
  const resultOf = (version: NfsVersion) =>
    traceOf([mount(version), open, unlink, read]).at(-1)?.result;
  expect(resultOf('nfs3')).toEqual({ ok: false, anyOf: ['ESTALE'] });
  expect(resultOf('nfs42')).toEqual({ ok: true, value: 'old' });
});

test('with the overlay all goes that a client has open', () => {
  const remount: Step = { op: 'remount', args: {} };
  const last = traceOf([mount('nfs42'), open, remount, read]).at(-1);
  expect(last?.result).toEqual({ ok: false, anyOf: ['EBADF'] });
});
