import { once } from 'node:events';
import { expect, test } from 'vitest';
import { firstUp } from './accelerator.ts';
import type { Accelerator } from './qemu-args.ts';

const BOTH: readonly Accelerator[] = ['kvm', 'tcg'];

test('what is up first is taken, and what hangs is stopped', async () => {
  const tcg = machine();
  const { accelerator } = await firstUp(BOTH, async (name, stop) => {
    if (name === 'tcg') return tcg;
    await once(stop, 'abort');
    throw new Error('was told to stop');
  });
  expect(accelerator).toBe('tcg');
  expect(tcg.isDisposed).toBe(false);
});

test('of two that are up, one goes', async () => {
  const machines = { kvm: machine(), tcg: machine() };
  const { accelerator } = await firstUp(BOTH, (name) => Promise.resolve(machines[name]));
  expect(accelerator).toBe('kvm');
  expect([machines.kvm.isDisposed, machines.tcg.isDisposed]).toEqual([false, true]);
});

test('when none comes up, the last one tells why', async () => {
  const none = firstUp(BOTH, (name) => Promise.reject(new Error(`no ${name}`)));
  await expect(none).rejects.toThrow('no tcg');
});

function machine(): AsyncDisposable & { isDisposed: boolean } {
  return {
    isDisposed: false,
    [Symbol.asyncDispose]() {
      this.isDisposed = true;
      return Promise.resolve();
    },
  };
}
