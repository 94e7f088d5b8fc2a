import { spawn } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BackendName, BootRequest, Machine } from '../backend.ts';
import { connect } from '../connect.ts';
import { buildExecutor } from '../executor/build.ts';
import { newestUml, resolveKernel } from '../kernels/resolve.ts';
import { findLeftovers, removeLeftovers } from '../leftovers.ts';
import { startTimeOf } from '../process.ts';
import { ProgramBuilder } from '../protocol/program.ts';
import { makeScratchFolder } from '../scratch.ts';
import { BACKENDS } from './index.ts';

const CACHE = join(import.meta.dirname, '../../ci/cache');
/** What boots are remembered by, apart from that of others, whose saved machines we would lose. */
const BOOT_CACHE = join(CACHE, 'boot-test');
const AT_FDCWD = -100;
const O_WRONLY = 1;
const HANDSHAKE_MS = 10_000;

async function request(spec: string, backend: BackendName): Promise<BootRequest> {
  const kernel = await resolveKernel(spec, { cacheDir: CACHE, backend });
  return { kernel, cacheDir: BOOT_CACHE, executorPath: await buildExecutor(CACHE) };
}

beforeAll(() => rm(BOOT_CACHE, { recursive: true, force: true }));

/** Boots, shakes hands, asks for one more hello, and tells what the guest says it is. */
async function greet(backend: BackendName, asked: BootRequest): Promise<[Machine['how'], string]> {
  await using machine = await BACKENDS[backend].boot(asked);
  const connection = await connect(machine.channel, { timeoutMs: HANDSHAKE_MS });
  await connection.ping({ setsClock: false });
  return [machine.how, connection.release];
}

describe('qemu', () => {
  test.each(['6.1', '6.12', '7.3'])('boots %s, and restores it from then on', async (spec) => {
    const asked = await request(spec, 'qemu');
    const { release } = asked.kernel;
    expect(await greet('qemu', { ...asked, coldBoot: true })).toEqual(['cold', release]);
    expect(await greet('qemu', asked)).toEqual(['cold', release]);
    expect(await greet('qemu', asked)).toEqual(['snapshot', release]);
  });

  test('boots cold when a saved machine cannot be restored', async () => {
    const asked = await request('6.1', 'qemu');
    await greet('qemu', asked);
    const folder = join(BOOT_CACHE, 'snapshots');
    for (const name of await readdir(folder)) await writeFile(join(folder, name), 'no machine');
    expect((await greet('qemu', asked))[0]).toBe('cold');
    expect((await greet('qemu', asked))[0]).toBe('snapshot');
  });

  test('tells a panic with what the kernel printed', async () => {
    await using machine = await BACKENDS.qemu.boot(await request('6.12', 'qemu'));
    const connection = await connect(machine.channel, { timeoutMs: HANDSHAKE_MS });
    const program = new ProgramBuilder();
    program.call('openat', [AT_FDCWD, { input: '/proc/sysrq-trigger\0' }, O_WRONLY, 0], 0);
    program.call('write', [{ slot: 0 }, { input: 'c' }, 1]);
    await expect(connection.execute(program.finish())).rejects.toMatchObject({ reason: 'lost' });
    const exit = await machine.exited;
    expect(exit.reason).toBe('panic');
    expect('report' in exit && exit.report).toContain('sysrq_handle_crash');
  });

  test('says of an image that does not boot what its last words were', async () => {
    const asked = await request('6.1', 'qemu');
    await using scratch = await makeScratchFolder();
    const imagePath = join(scratch.path, 'image');
    await writeFile(imagePath, Buffer.alloc(65_536));
    const broken = { ...asked, kernel: { ...asked.kernel, imagePath }, bootTimeoutMs: 5000 };
    await expect(BACKENDS.qemu.boot(broken)).rejects.toMatchObject({
      reason: expect.stringMatching(/^boot-(?:failed|timeout)$/) as string,
    });
    const late = { ...asked, bootTimeoutMs: 300, coldBoot: true };
    await expect(BACKENDS.qemu.boot(late)).rejects.toMatchObject({ reason: 'boot-timeout' });
  });

  test('stops booting when it is told to', async () => {
    const asked = await request('6.1', 'qemu');
    const boot = BACKENDS.qemu.boot({ ...asked, coldBoot: true }, AbortSignal.timeout(200));
    await expect(boot).rejects.toMatchObject({ reason: 'aborted' });
  });
});

describe('namespace', () => {
  test('runs the kernel of this machine', async () => {
    const asked = await request('host', 'namespace');
    expect(await greet('namespace', asked)).toEqual(['cold', asked.kernel.release]);
  });
});

describe('uml', () => {
  test('runs the newest UML that this CPU can run', async () => {
    const kernel = await newestUml({ cacheDir: CACHE });
    const asked = { kernel, cacheDir: BOOT_CACHE, executorPath: await buildExecutor(CACHE) };
    expect(await greet('uml', asked)).toEqual(['cold', kernel.release]);
  });
});

/** Boots a machine in another process of Node, and prints the numbers of what it started. */
const VICTIM = `
  const [backendUrl, scratchUrl, name, spec, executorPath, cacheDir] = process.argv.slice(1);
  const { BACKENDS } = await import(backendUrl);
  const { listScratchFolders } = await import(scratchUrl);
  const { newestUml, resolveKernel } = await import(new URL('kernels/resolve.ts', scratchUrl));
  const options = { cacheDir, backend: name };
  const kernel = await (spec === 'newest' ? newestUml(options) : resolveKernel(spec, options));
  await BACKENDS[name].boot({ kernel, executorPath, cacheDir });
  const records = await listScratchFolders();
  const mine = records.filter(({ owner }) => owner?.pid === process.pid);
  console.log(JSON.stringify(mine.flatMap(({ processes }) => processes.map(({ pid }) => pid))));
  setInterval(() => {}, 1000);
`;

describe.each([
  ['qemu', '6.1'],
  ['uml', 'newest'],
  ['namespace', 'host'],
] as const)('%s', (name, spec) => {
  test('leaves no process behind when we are killed, and a folder that is found', async () => {
    const urls = ['index.ts', '../scratch.ts'].map(
      (file) => pathToFileURL(join(import.meta.dirname, file)).href,
    );
    const args = [...urls, name, spec, await buildExecutor(CACHE), CACHE];
    const victim = spawn(process.execPath, ['--input-type=module', '-e', VICTIM, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pids = await new Promise<number[]>((resolve, reject) => {
      victim.once('exit', () => {
        reject(new Error('the victim died of itself'));
      });
      victim.stdout.once('data', (line: Buffer) => {
        resolve(JSON.parse(line.toString()) as number[]);
      });
    });
    expect(pids.length).toBeGreaterThan(0);
    expect(pids.map(startTimeOf)).not.toContain(null);

    const gone = new Promise((resolve) => victim.once('close', resolve));
    victim.removeAllListeners('exit');
    victim.kill('SIGKILL');
    await gone;
    await expect.poll(() => pids.map(startTimeOf), { timeout: 5000 }).toEqual(pids.map(() => null));

    const left = await findLeftovers();
    const ours = left.filter(({ path }) => path.includes(`/${victim.pid ?? 0}-`));
    expect(ours).toHaveLength(1);
    await removeLeftovers(ours);
    expect(await findLeftovers()).not.toContainEqual(ours[0]);
  });
});
