import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CACHE_DIR, FIXTURES_DIR } from '../harness/cli/context.ts';
import { readDisagreements } from '../harness/cli/report-dir.ts';
import { isOfVersion, knownDisagreement } from '../harness/known-disagreement.ts';
import type { KnownDisagreement } from '../harness/known-disagreement.ts';
import { checkEntry, losesMachine } from '../harness/lost-machine.ts';
import { parseScenario } from '../harness/scenario-file.ts';
import { prepareGuests } from '../harness/start-guest.ts';
import type { GuestSource } from '../harness/start-guest.ts';
import type { Kernel } from '../harness/kernel.ts';
import { BASE_TYPES } from '../model/bases.ts';
import type { Scenario } from '../model/scenario.ts';
import { durability } from './durability.ts';
import { PROPERTIES } from './index.ts';
import { invariants } from './invariants.ts';
import { handles } from './handles.ts';
import { lockstep } from './lockstep.ts';
import { ANY_OPTIONS } from './options.ts';
import type { Property } from './property.ts';
import { remountEquivalence } from './remount-equivalence.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';
import { twin } from './twin.ts';

const SEED = 20_260;
const STEP_COUNT = 30;
/** A virtual machine that is emulated takes its time. */
const SCENARIOS = { qemu: 150, uml: 150, namespace: 1500 } as const;
/** Features that the usual options switch off get a share each. */
const OTHER_OPTIONS = [
  'redirect_dir=on,index=off,metacopy=on,nfs_export=off,xino=off',
  'redirect_dir=nofollow,index=off,metacopy=off,nfs_export=off,xino=off,userxattr',
  ANY_OPTIONS,
] as const;
const SHARE = 5;
const LAWS = [remountEquivalence, twin, durability, invariants, handles] as const;

const CASES = [
  ['5.10', 'qemu'],
  ['6.1', 'qemu'],
  ['6.12', 'qemu'],
  ['7.3', 'qemu'],
  // The newest that this CPU can run.
  ['newest', 'uml'],
  ['host', 'namespace'],
] as const;

const KNOWN = readDisagreements(FIXTURES_DIR);
const STORED = readdirSync(join(FIXTURES_DIR, 'scenarios')).map((name): [string, Scenario] => [
  name,
  parseScenario(readFileSync(join(FIXTURES_DIR, 'scenarios', name), 'utf8'), name),
]);

test.concurrent.each(CASES)(
  'kernel %s does what the model predicts (%s)',
  async (kernel, backend) => {
    const source = await prepareGuests({
      kernel: kernel === 'newest' ? undefined : kernel,
      backend,
      cacheDir: CACHE_DIR,
      bases: BASE_TYPES,
    });
    await checkLosses(source);
    await using guest = await source.start(new AbortController().signal);
    for (const [name, scenario] of STORED) {
      const { differences } = await lockstep.check(scenario, guest.kernel);
      expect(differences, name).toEqual([]);
    }
    for (const known of KNOWN) {
      if (!losesMachine(known)) await checkKnown(known, guest.kernel);
    }
    const count = SCENARIOS[backend];
    await checkMany(guest.kernel, lockstep, DEFAULT_OPTIONS, count);
    for (const options of OTHER_OPTIONS) {
      await checkMany(guest.kernel, lockstep, options, count / SHARE);
    }
    for (const law of LAWS) await checkMany(guest.kernel, law, DEFAULT_OPTIONS, count / SHARE);
  },
);

/** Each on a machine of its own, which may be lost. */
async function checkLosses({ start, choice }: GuestSource): Promise<void> {
  for (const known of KNOWN.filter(losesMachine)) {
    await using guest = await start(new AbortController().signal);
    const checking = checkKnown(known, guest.kernel);
    // A panic is a matter of old kernels, which the model knows.
    const isPanic = known.differs.some((at) => at === 'panic' || at === 'warning');
    const isRefused = choice.backend.name === 'namespace' && !isPanic;
    if (!isRefused) await checking;
    else await expect(checking, known.file).rejects.toThrow(/has to be in a VM of our own/);
  }
}

async function checkKnown(known: KnownDisagreement, kernel: Kernel): Promise<void> {
  const isMeant = known.kernels.some((prefix) => isOfVersion(kernel.release, prefix));
  const { property, scenario } = known;
  const law = PROPERTIES[property];
  if (law === undefined) throw new Error(`${known.file}: no property ${property}`);
  const checked = await checkEntry((...args) => law.check(...args), known, kernel);
  const seen = { property, scenario, kernel, checked };
  // The day a kernel changes its ways, the list must say so.
  if (isMeant) expect(knownDisagreement([known], seen), known.file).toBe(known);
  else expect(checked.differences, known.file).toEqual([]);
}

async function checkMany(
  kernel: Kernel,
  property: Property,
  options: string,
  count: number,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    const { release } = kernel;
    const scenario = property.scenarioAt(SEED, index, { options, stepCount: STEP_COUNT, release });
    const checked = await property.check(scenario, kernel);
    const seen = { property: property.name, scenario, kernel, checked };
    if (knownDisagreement(KNOWN, seen) !== undefined) continue;
    expect(checked.differences, `${property.name}: scenario ${index} with ${options}`).toEqual([]);
  }
}
