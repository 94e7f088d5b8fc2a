import { checkMount, checkMounts, TOGETHER } from './check-mounts.ts';
import { DEFAULTS, defaultAt } from './option-defaults.ts';
import type { Property } from './property.ts';
import { USUAL_PARAMETERS, WITHOUT_OPTION } from './shrink-passes.ts';

/** Needs a VM: what a machine's own kernel was built to do is not changed. */
export const mountDefaults: Property = {
  name: 'mount-defaults',
  says: 'However the kernel was built, options that a mount leaves out mean what is predicted.',
  list: { count: DEFAULTS, together: TOGETHER, check: checkMounts },
  passes: [WITHOUT_OPTION, USUAL_PARAMETERS],
  scenarioAt: (_, index) => defaultAt(index),
  check: checkMount,
};
