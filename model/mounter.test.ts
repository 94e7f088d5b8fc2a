import { describe, expect, test } from 'vitest';
import type { Step } from './ops/index.ts';
import { predictMount } from './mount.ts';
import type { Mounter } from './mounter.ts';
import type { Entry, LayerSpec, Scenario } from './scenario.ts';
import { profileOfRelease } from './semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from './semantics/semantics.ts';
import { simulate } from './simulate.ts';

const ALICE: Mounter = { as: 'alice' };

function scenario(options: string, entries: readonly Entry[], steps: readonly Step[]): Scenario {
  const layers: LayerSpec[] = [
    { role: 'lower', entries },
    { role: 'upper', entries: [] },
  ];
  return { base: 'tmpfs', layers, options, steps, mounter: ALICE };
}

/** What mountinfo shows, or the errno. */
function mount(options: string, on: string): string {
  const mounted = predictMount(scenario(options, [], []), {
    semantics: profileOfRelease(on),
    environment: USUAL_ENVIRONMENT,
    rule: () => undefined,
  });
  return mounted.ok ? mounted.value.view.options.join(',') : mounted.anyOf.join(' or ');
}

/** How each step went on 6.18, and the trees after the last one. */
function play(entries: readonly Entry[], steps: readonly Step[]) {
  const { semantics } = { semantics: profileOfRelease('6.18.44') };
  const trace = simulate(scenario('userxattr', entries, steps), semantics, USUAL_ENVIRONMENT);
  const results = trace.slice(1).map(({ result }) => {
    return result.ok ? result.value : result.anyOf.join(' or ');
  });
  return { results, last: trace.at(-1) };
}

describe('root of a user namespace', () => {
  test.each([
    ['5.10.1', 'userxattr', 'EPERM'],
    ['5.10.1', 'nonsense', 'EPERM'],
    ['6.1.1', '', ''],
    ['6.1.1', 'redirect_dir=on', 'redirect_dir=on'],
    ['6.12.1', 'userxattr', 'redirect_dir=nofollow,uuid=on,userxattr'],
    ['6.12.1', 'userxattr,index=on,nfs_export=on', 'redirect_dir=nofollow,uuid=on,userxattr'],
    ['6.12.1', 'redirect_dir=on', 'EPERM'],
    ['6.12.1', 'redirect_dir=nofollow', 'redirect_dir=nofollow,uuid=null'],
    ['6.12.1', 'metacopy=on', 'EPERM'],
    ['6.12.1', '', 'redirect_dir=nofollow,uuid=null'],
  ])('on %s mounts with "%s" as "%s"', (on, options, expected) => {
    expect(mount(options, on)).toBe(expected);
  });

  test('owns what the overlay makes for itself', () => {
    const entries: Entry[] = [{ path: 'a', type: 'file', uid: 1001 }];
    const { last } = play(entries, [{ op: 'unlink', args: { path: 'a' } }]);
    for (const path of ['u/a', 'w/work']) {
      expect(last?.base.get(path)?.node, path).toMatchObject({ uid: 1000, gid: 1000 });
    }
  });

  test('sees no trusted.* xattr, and cannot set any', () => {
    const entries: Entry[] = [{ path: 'a', type: 'file', xattrs: { 'trusted.a': '1' } }];
    const args = { path: 'a', name: 'trusted.a' };
    const { results, last } = play(entries, [
      { op: 'getxattr', args: { ...args, size: 9 } },
      { op: 'listxattr', args: { path: 'a', size: 99 } },
      { op: 'removexattr', args },
      { op: 'setxattr', args: { ...args, value: '', flags: [] } },
    ]);
    expect(results).toEqual(['ENODATA', [], 'ENODATA', 'EPERM']);
    expect(last?.base.get('u/a')?.node).toMatchObject({
      xattrs: new Map([['user.overlay.origin', '']]),
    });
  });

  test('makes no device nodes, neither new ones nor copies', () => {
    const device = { type: 'chr', major: 1, minor: 3 } as const;
    const entries: Entry[] = [{ path: 'a', type: 'chr', rdev: device }];
    const { results } = play(entries, [
      { op: 'chmod', args: { path: 'a', mode: 0o600 } },
      { op: 'mknod', args: { path: 'b', mode: 0o600, device } },
      { op: 'mknod', args: { path: 'c', mode: 0o600, device: { ...device, type: 'fifo' } } },
    ]);
    expect(results).toEqual(['EPERM', 'EPERM', null]);
  });

  test('takes set-id bits from whatever is written to, also by root', () => {
    const entries: Entry[] = [{ path: 'a', type: 'file', mode: 0o4755 }];
    const { last } = play(entries, [
      { op: 'open', args: { slot: 0, path: 'a', flags: ['O_WRONLY'], mode: 0 } },
      { op: 'write', args: { fd: 0, bytes: 'x' } },
    ]);
    expect(last?.base.get('u/a')?.node).toMatchObject({ mode: 0o755 });
  });
});
