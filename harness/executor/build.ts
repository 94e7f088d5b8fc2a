import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../errors.ts';
import { run } from '../process.ts';

const SOURCES = [
  'executor.c',
  'apart.c',
  'child.c',
  'dump.c',
  'start.c',
  'tree.c',
  'unpack.c',
  'upcalls.c',
  'wait.c',
  'executor.h',
  'protocol.h',
  'Makefile',
];
const BUILD_TIMEOUT_MS = 120_000;

/** Builds the executor unless the cache has it, by the hash of its sources. Returns its path. */
export async function buildExecutor(
  cacheDir: string,
  target: 'executor' | 'executor-asan' = 'executor',
): Promise<string> {
  const here = import.meta.dirname;
  const hash = createHash('sha256');
  for (const source of SOURCES) hash.update(readFileSync(join(here, source)));
  const dir = join(cacheDir, 'executor', hash.digest('hex').slice(0, 16));
  const path = join(dir, target);
  if (existsSync(path)) return path;
  mkdirSync(dir, { recursive: true });
  const partial = join(dir, `partial-${process.pid}`);
  const result = await run('make', ['-C', here, `OUT=${partial}`, join(partial, target)], {
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (result.exitCode !== 0) {
    const said = result.stderr.trim().split('\n').slice(-5).join('; ');
    throw new HarnessError('unavailable', `cannot build the executor: ${said}`);
  }
  renameSync(join(partial, target), path);
  return path;
}
