import { expect, test } from 'vitest';
import { resolveKernel } from '../kernels/resolve.ts';
import { prepareBuilder } from '../mutants/build.ts';
import { chooseMutants, readMutants } from '../mutants/record.ts';
import { moduleSource } from '../mutants/source.ts';
import { prepareGuests } from '../start-guest.ts';
import { CACHE_DIR, FIXTURES_DIR } from './context.ts';
import { hunt } from './mutant-hunt.ts';
import { MUTANT_DEFAULTS } from './mutants.ts';
import { readDisagreements } from './report-dir.ts';

const SEED = 1;
const STEPS = 300;
const ID = 'copy-up-mtime-is-now';

test('a module is built with a bug, which is found, and without it nothing is', async () => {
  const { kernel, records } = MUTANT_DEFAULTS;
  const image = await resolveKernel(kernel, { cacheDir: CACHE_DIR });
  const source = await moduleSource(image, { cacheDir: CACHE_DIR });
  const builder = await prepareBuilder(source, CACHE_DIR);
  const mutant = chooseMutants(readMutants(records), [ID])[0];
  if (mutant === undefined) throw new Error(`no mutant ${ID}`);
  const built = await builder.build(mutant);
  expect(built.key).not.toBe(builder.unmodified.key);
  expect((await builder.build(mutant)).path).toBe(built.path);

  const [withBug, without] = await Promise.all(
    [built, builder.unmodified].map(({ path }) =>
      prepareGuests({
        ...{ kernel, backend: 'qemu', module: path },
        cacheDir: CACHE_DIR,
      }),
    ),
  );
  const world = {
    ...{ seed: SEED, stepsMax: STEPS, shrinkEvaluationsMax: 100, release: image.release },
    ...{ known: readDisagreements(FIXTURES_DIR), signal: new AbortController().signal },
    note: () => undefined,
  };
  if (withBug === undefined || without === undefined) throw new Error('two were asked for');
  const start = { start: withBug.start, startUnmodified: without.start };
  expect(await hunt({ ...world, ...start })).toMatchObject({ found: true, property: 'lockstep' });
  const holds = await hunt({ ...world, start: without.start, startUnmodified: null });
  expect(holds).toMatchObject({ found: false, alarms: [] });
  expect(holds.steps).toBeGreaterThanOrEqual(STEPS);
});
