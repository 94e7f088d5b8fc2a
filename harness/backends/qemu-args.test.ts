import { expect, test } from 'vitest';
import { kernelParameters, qemuArgs, qemuCommand } from './qemu-args.ts';
import type { QemuMachine } from './qemu-args.ts';

const MACHINE: QemuMachine = {
  arch: 'x64',
  accelerator: 'tcg',
  memoryMib: 256,
  logLevel: 1,
  kernelPath: '/k',
  initramfsPath: '/i',
};

/** The values that an option has on a command line. */
function valuesOf(option: string, args: readonly string[]): readonly string[] {
  return args.filter((_, index) => args[index - 1] === option);
}

test('a VM has no network, no disk, no default device, and bounded memory', () => {
  const args = qemuArgs(MACHINE);
  expect(args).toContain('-nodefaults');
  expect(valuesOf('-net', args)).toEqual(['none']);
  expect(valuesOf('-m', args)).toEqual(['256M']);
  expect(
    args.filter((arg) => /^-(?:drive|hda|cdrom|netdev|nic|virtfs|blockdev)$/.test(arg)),
  ).toEqual([]);
  expect(valuesOf('-device', args)).toEqual([
    'virtio-serial-pci',
    'virtserialport,chardev=channel,name=executor',
  ]);
});

test('an emulated CPU lacks what QEMU 7.2 gets wrong, or is slow at; a real one does not', () => {
  expect(valuesOf('-cpu', qemuArgs(MACHINE))).toEqual(['max,-cx16,-erms,-smap']);
  expect(valuesOf('-cpu', qemuArgs({ ...MACHINE, accelerator: 'kvm' }))).toEqual(['host']);
});

test('console and machine type fit the architecture', () => {
  const arm = { ...MACHINE, arch: 'arm64' } as const;
  expect(qemuCommand('arm64')).toBe('qemu-system-aarch64');
  expect(valuesOf('-M', qemuArgs(arm))).toEqual(['virt']);
  expect(kernelParameters(arm)).toContain('console=ttyAMA0');
  expect(valuesOf('-M', qemuArgs(MACHINE))).toEqual(['q35']);
  expect(kernelParameters(MACHINE)).toContain('console=ttyS0');
});

test('a warning stops the kernel before it can answer', () => {
  const parameters = kernelParameters(MACHINE);
  expect(parameters).toEqual(expect.arrayContaining(['panic_on_warn=1', 'panic=-1']));
  expect(qemuArgs(MACHINE)).toContain('-no-reboot');
});

test('timers are trusted only where they are emulated', () => {
  expect(kernelParameters(MACHINE)).toContain('no_timer_check');
  expect(kernelParameters({ ...MACHINE, accelerator: 'kvm' })).not.toContain('no_timer_check');
});
