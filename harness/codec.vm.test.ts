import { expect, test } from 'vitest';
import type { ObservedTrace } from '../model/observation.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { LayerSpec, Scenario } from '../model/scenario.ts';
import { DEFAULT_OPTIONS } from '../properties/scenarios.ts';
import { connect } from './connect.ts';
import type { Connection } from './connect.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { startBareExecutor } from './executor/bare-executor.ts';
import { Content } from '../model/sparse.ts';

const TIMEOUT_MS = 10_000;

const LOWER: LayerSpec = {
  role: 'lower',
  entries: [
    {
      path: 'd/f',
      type: 'file',
      mode: 0o4711,
      uid: 1000,
      pieces: [{ at: 4096, text: 'hi' }],
      xattrs: { 'trusted.a': 'v\0' },
    },
    { path: 'l', type: 'link', to: 'd/f' },
    { path: 's', type: 'symlink', target: 'd/f' },
    { path: 'c', type: 'chr', rdev: { major: 5, minor: 300 } },
  ],
};

/** The executor of this host's kernel, in namespaces of its own, for as long as `use` takes. */
async function withExecutor<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
  await using executor = await startBareExecutor(['--namespace']);
  return await use(await connect(executor.channel, { timeoutMs: TIMEOUT_MS }));
}

async function observe(connection: Connection, scenario: Scenario): Promise<ObservedTrace> {
  const encoded = encode(scenario);
  return decode(encoded, await connection.execute(encoded.program));
}

function scenario(steps: Scenario['steps'], options = DEFAULT_OPTIONS): Scenario {
  return withEpilogue({
    base: 'tmpfs',
    layers: [{ role: 'upper', entries: [] }, LOWER],
    options,
    steps,
  });
}

test('what a kernel did comes back as it was', async () => {
  const trace = await withExecutor((connection) =>
    observe(
      connection,
      scenario(
        [
          { op: 'unlink', args: { path: 'd/f' } },
          { op: 'mkdir', args: { path: 'new', mode: 0o700 }, as: 'alice' },
          { op: 'stat', args: { path: 's', flags: ['AT_SYMLINK_NOFOLLOW'] } },
        ],
        // A kernel shows what is not its default, and this one never is.
        `${DEFAULT_OPTIONS},default_permissions`,
      ),
    ),
  );
  expect(trace).toHaveLength(6);
  expect(trace.map(({ result }) => result)).toMatchObject([
    { ok: true, value: { options: expect.arrayContaining(['default_permissions']) as unknown } },
    { ok: true, value: null },
    { ok: false, errno: 'EACCES' },
    { ok: true, value: { mode: 0o120777, size: 3, nlink: 1 } },
    { ok: true, value: null },
    { ok: true },
  ]);
  const [mounted, unlinked] = trace;
  expect(mounted?.base?.get('l0/d/f')).toMatchObject({
    mode: 0o104711,
    uid: 1000,
    nlink: 2,
    size: 4098,
    blocks: 8,
    dType: 8,
    xattrs: new Map([['trusted.a', 'v\0']]),
    content: Content.of(`${'\0'.repeat(4096)}hi`),
    mtime: { sec: 1_000_000_002, nsec: 0 },
    dataError: 0,
  });
  expect(mounted?.base?.get('l0/s')).toMatchObject({ target: 'd/f', dType: 10 });
  expect(mounted?.merged?.get('c')).toMatchObject({ rdev: { major: 5, minor: 300 }, dType: 2 });
  expect(unlinked?.merged?.get('d/f')).toEqual({ kind: 'gone' });
  expect(unlinked?.base?.get('u/d/f')).toMatchObject({
    mode: 0o020000,
    rdev: { major: 0, minor: 0 },
  });
  // What stood still does not travel again.
  expect(unlinked?.base?.has('l0/d/f')).toBe(false);
});

test('a mount that fails leaves a trace of one step, and nothing behind', async () => {
  await withExecutor(async (connection) => {
    const failed = await observe(connection, scenario([], 'no_such_option=on'));
    expect(failed.map(({ result }) => result)).toEqual([{ ok: false, errno: 'EINVAL' }]);
    const next = await observe(connection, scenario([]));
    expect(next.map(({ result }) => result.ok)).toEqual([true, true, true]);
  });
});

test('a program that ends with files open leaves nothing behind', async () => {
  await withExecutor(async (connection) => {
    const open = {
      op: 'open',
      args: { slot: 0, path: 'd/f', flags: ['O_RDWR'], mode: 0 },
    } as const;
    const opened = scenario([open]);
    // The epilogue is kept from its remount, which would close the file.
    const program = encode({ ...opened, steps: opened.steps.slice(0, 1) });
    const results = await connection.execute(program.program);
    expect(() => decode(program, results)).toThrow(/the final umount failed with EBUSY/);
    expect(await observe(connection, scenario([]))).toHaveLength(3);
  });
});

test('several programs on their way at once get each its own answer', async () => {
  const counts = [3, 0, 5, 1, 4, 2];
  const traces = await withExecutor((connection) =>
    Promise.all(
      counts.map((count) => {
        const paths = Array.from({ length: count }, (_, index) => `new${index}`);
        const steps = paths.map((path) => ({ op: 'mkdir', args: { path, mode: 0o755 } }) as const);
        return observe(connection, scenario(steps));
      }),
    ),
  );
  const made = traces.map((trace) => {
    const paths = trace.flatMap(({ merged }) => [...(merged?.keys() ?? [])]);
    return new Set(paths.filter((path) => path.startsWith('new'))).size;
  });
  expect(made).toEqual(counts);
});
