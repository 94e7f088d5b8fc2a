import type { Kernel } from '../harness/kernel.ts';
import { OPS } from '../model/ops/index.ts';
import type { Context } from '../model/ops/op.ts';
import type { Scenario } from '../model/scenario.ts';
import { modelKernel } from './model-kernel.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';

/** A lower file is removed, whatever that does to the model. */
export const UNLINK_OF_LOWER: Scenario = {
  base: 'tmpfs',
  options: DEFAULT_OPTIONS,
  layers: [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: [{ path: 'a', type: 'file' }] },
  ],
  steps: [{ op: 'unlink', args: { path: 'a' } }],
};

/** A kernel that is the model, but for what unlink(2) does besides. */
export function kernelWithUnlink(release: string, besides: (context: Context) => void): Kernel {
  const unlink: typeof OPS.unlink = {
    ...OPS.unlink,
    predict(context, args) {
      const result = OPS.unlink.predict(context, args);
      besides(context);
      return result;
    },
  };
  return modelKernel(release, { ...OPS, unlink });
}
