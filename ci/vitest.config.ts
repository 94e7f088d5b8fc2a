import { defineConfig } from 'vitest/config';

const FOLDERS = '{model,harness,properties,ci}';
const VM_TESTS = `${FOLDERS}/**/*.vm.test.ts`;

/** Two projects, told apart by file name: `fast` needs nothing, `vm` needs a kernel to boot. */
export default defineConfig({
  root: `${import.meta.dirname}/..`,
  cacheDir: 'ci/cache/vite',
  test: {
    allowOnly: false,
    teardownTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: [`${FOLDERS}/**/*.test.ts`],
          exclude: [VM_TESTS],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'vm',
          include: [VM_TESTS],
          // One file after the other: a campaign uses every core by itself, and its speed counts.
          fileParallelism: false,
          // An emulated machine takes one of the two cores that there are at the least.
          maxConcurrency: 2,
          // The first run fetches kernels and boots each of them without hardware's help.
          testTimeout: 600_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
