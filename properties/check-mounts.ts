import type { Kernel } from '../harness/kernel.ts';
import { compare } from '../model/compare.ts';
import { predictMount } from '../model/mount.ts';
import type { Checked, ObservedTrace, PredictedTrace } from '../model/observation.ts';
import type { RuleId } from '../model/rules.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';

/** A mount, reading mountinfo and an unmount are short: this many are worth a frame. */
export const TOGETHER = 250;
const NO_TIME = { sec: 0, nsec: 0 };
const NO_TREE = new Map<string, never>();

export async function checkMount(scenario: Scenario, kernel: Kernel): Promise<Checked> {
  const [checked] = await checkMounts([scenario], kernel);
  if (checked === undefined) throw new RangeError('a mount without a result');
  return checked;
}

/** Mounts in one frame; each is made, looked at and taken away. */
export async function checkMounts(
  scenarios: readonly Scenario[],
  kernel: Kernel,
): Promise<readonly Checked[]> {
  // The model mounts while the kernel does.
  const mounting = kernel.mountEach(scenarios);
  const semantics = profileOfRelease(kernel.release);
  const predictions = scenarios.map((scenario): PredictedTrace => {
    const rules: RuleId[] = [];
    const rule = (id: RuleId): void => {
      rules.push(id);
    };
    const mount = predictMount(scenario, { semantics, environment: kernel.environment, rule });
    const result = mount.ok ? ({ ok: true, value: mount.value.view } as const) : mount;
    return [{ result, rules, merged: null, base: NO_TREE }];
  });
  const mounts = await mounting;
  return scenarios.map((scenario, index) => {
    const predicted = predictions[index] ?? [];
    const result = mounts[index];
    const observed: ObservedTrace =
      result === undefined
        ? []
        : [{ result, before: NO_TIME, after: NO_TIME, merged: null, base: NO_TREE, treeError: 0 }];
    return { differences: compare(predicted, observed, scenario), predicted, observed };
  });
}
