import { rm, stat } from 'node:fs/promises';
import type { Backend, BootRequest, Machine } from '../backend.ts';
import { HarnessError } from '../errors.ts';
import { sendPing } from '../hello.ts';
import { makeInitramfs } from '../kernels/initramfs.ts';
import { modulesInLoadOrder } from '../kernels/modules.ts';
import { findOnPath } from '../process.ts';
import { chooseAccelerator, firstUp } from './accelerator.ts';
import { awaitBoot, machineOf, startGuest } from './machine.ts';
import type { Guest } from './machine.ts';
import { CHANNEL_FD, QMP_FD, qemuArgs, qemuCommand } from './qemu-args.ts';
import type { Accelerator, QemuMachine } from './qemu-args.ts';
import { connectQmp } from './qmp.ts';
import { INCOMING_ARGS, findSnapshot, loadSnapshot, saveSnapshot } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';

/** KVM boots in a second or never: the rest of its time is for a busy host. */
const BOOT_TIMEOUT_MS = { kvm: 10_000, tcg: 60_000 } as const satisfies Record<Accelerator, number>;
const RESTORE_TIMEOUT_MS = 20_000;
const MEMORY_MIB = 256;

/** Modules without which nobody hears the executor, where the kernel has not built them in. */
const MODULES = ['virtio_pci', 'virtio_console', 'overlay'];

interface QemuBoot {
  readonly machine: QemuMachine;
  readonly command: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Any kernel image in QEMU: with KVM where that works, else emulated. */
export const qemu: Backend = {
  name: 'qemu',

  async unavailable() {
    const command = qemuCommand(hostArch());
    if ((await findOnPath(command)) !== null) return null;
    const suffix = hostArch() === 'x64' ? 'x86' : 'arm';
    return `${command} is not installed: apt-get install qemu-system-${suffix}`;
  },

  async boot(request, signal) {
    const command = await findOnPath(qemuCommand(hostArch()));
    if (command === null) throw new HarnessError('unavailable', 'QEMU is not installed');
    const identity = await identityOf(command);
    const { candidates, remember } = await chooseAccelerator(request.cacheDir, identity);
    const prepared = await prepare(request);
    const bootOn = (accelerator: Accelerator, stop = signal): Promise<Machine> => {
      const machine = { ...prepared, accelerator };
      const timeoutMs = request.bootTimeoutMs ?? BOOT_TIMEOUT_MS[accelerator];
      return bootWith({ machine, command, timeoutMs, signal: stop }, request, identity);
    };
    const [known, ...others] = candidates;
    const proven = others.length === 0 ? known : await proof;
    if (proven !== undefined) return bootOn(proven);
    const race = firstUp(candidates, (accelerator, stop) =>
      bootOn(accelerator, signal === undefined ? stop : AbortSignal.any([stop, signal])),
    );
    proof = race.then(
      ({ accelerator }) => accelerator,
      () => undefined,
    );
    const { accelerator, machine } = await race;
    await remember(accelerator);
    return machine;
  },
};

/** What the boot that tries all accelerators learns: others wait for it, as it takes all cores. */
let proof: Promise<Accelerator | undefined> | undefined;

/** Makes all that a boot reads. */
async function prepare(request: BootRequest): Promise<Omit<QemuMachine, 'accelerator'>> {
  const { kernel, cacheDir, executorPath, memoryMib = MEMORY_MIB } = request;
  if (kernel.kind !== 'vm') {
    throw new HarnessError('bad-input', `${kernel.imagePath} is not a kernel that QEMU can boot`);
  }
  const asked = [...MODULES, ...(request.modules ?? [])];
  const modules = await modulesInLoadOrder(kernel, asked, request.moduleFiles);
  const initramfsPath = await makeInitramfs(cacheDir, executorPath, modules);
  // A kernel of Debian's panics at all that we look for; one with lockdep only prints it.
  const logLevel = kernel.source === 'debian' ? 1 : 5;
  return { arch: hostArch(), memoryMib, logLevel, kernelPath: kernel.imagePath, initramfsPath };
}

async function bootWith(
  boot: QemuBoot,
  { cacheDir, coldBoot, kernel }: BootRequest,
  identity: string,
): Promise<Machine> {
  if (coldBoot === true) return bootCold(boot, null);
  const args = qemuArgs(boot.machine);
  // The initramfs has its hash in its name, and so in the arguments.
  const snapshot = await findSnapshot(cacheDir, identity, args, [kernel.imagePath]);
  const restored = snapshot.exists ? await restore(boot, snapshot) : null;
  return restored ?? bootCold(boot, snapshot);
}

/** Starts the kernel, and saves the machine for the next time when told where. */
async function bootCold(boot: QemuBoot, snapshot: Snapshot | null): Promise<Machine> {
  const startedMs = performance.now();
  const guest = await startQemu(boot);
  await awaitBoot(guest, boot.timeoutMs, boot.signal);
  const bootMs = performance.now() - startedMs;
  try {
    if (snapshot !== null) {
      await saveSnapshot(snapshot, await connectQmp(guest.process.duplex(QMP_FD)));
    }
    return machineOf(guest, { backend: nameOf(boot), how: 'cold', bootMs });
  } catch (error) {
    await guest.dispose();
    throw error;
  }
}

/** Goes on with a saved machine; null, and the snapshot gone, when that does not work. */
async function restore(boot: QemuBoot, snapshot: Snapshot): Promise<Machine | null> {
  const startedMs = performance.now();
  const guest = await startQemu(boot, INCOMING_ARGS);
  try {
    if (await loadSnapshot(snapshot, await connectQmp(guest.process.duplex(QMP_FD)))) {
      sendPing(guest.channel, Date.now());
      await awaitBoot(guest, RESTORE_TIMEOUT_MS, boot.signal);
      const bootMs = performance.now() - startedMs;
      return machineOf(guest, { backend: nameOf(boot), how: 'snapshot', bootMs });
    }
  } catch (error) {
    if (boot.signal?.aborted === true || !(error instanceof HarnessError)) {
      await guest.dispose();
      throw error;
    }
  }
  await guest.dispose();
  await rm(snapshot.path, { force: true });
  return null;
}

function startQemu(
  { machine, command }: QemuBoot,
  extraArgs: readonly string[] = [],
): Promise<Guest> {
  return startGuest({
    command,
    args: () => [...qemuArgs(machine), ...extraArgs],
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    channelFd: CHANNEL_FD,
    consoleFds: [1, 2],
  });
}

function nameOf({ machine }: QemuBoot): string {
  return `qemu, ${machine.accelerator}`;
}

/** A QEMU that was upgraded is another one. Asking it for its version would cost a process. */
async function identityOf(command: string): Promise<string> {
  const { size, mtimeMs } = await stat(command);
  return `${command} ${size} ${mtimeMs}`;
}

function hostArch(): QemuMachine['arch'] {
  if (process.arch === 'x64' || process.arch === 'arm64') return process.arch;
  throw new HarnessError('unavailable', `no kernels for ${process.arch} are known to us`);
}
