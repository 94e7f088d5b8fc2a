/** The command line of QEMU, in parts with a reason each. Pure, so that tests need no boot. */

export type Accelerator = 'kvm' | 'tcg';

/** The descriptors that QEMU inherits beside stdin, stdout (the console) and stderr. */
export const CHANNEL_FD = 3;
export const QMP_FD = 4;

export interface QemuMachine {
  readonly arch: 'x64' | 'arm64';
  readonly accelerator: Accelerator;
  readonly memoryMib: number;
  /** Which messages reach the console: 1 is silence, 5 is warnings too. */
  readonly logLevel: 1 | 5;
  readonly kernelPath: string;
  readonly initramfsPath: string;
}

export function qemuCommand(arch: QemuMachine['arch']): string {
  return arch === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86_64';
}

export function qemuArgs(machine: QemuMachine): readonly string[] {
  return [
    ...BARE,
    ...machineArgs(machine),
    ...cpuArgs(machine),
    ...['-m', `${machine.memoryMib}M`],
    ...CONSOLE,
    ...CHANNEL,
    ...CONTROL,
    ...['-kernel', machine.kernelPath, '-initrd', machine.initramfsPath],
    ...['-append', kernelParameters(machine).join(' ')],
  ];
}

/** No device that is not named here: no network, no disk. A guest that reboots has ended. */
const BARE = ['-nodefaults', '-no-user-config', '-display', 'none', '-net', 'none', '-no-reboot'];

/** The kernel's console is our stdout, and nothing can be typed into it. */
const CONSOLE = ['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'];

/** Sockets are inherited: no path that could be too long, no port that another could open. */
const CHANNEL = [
  ...['-device', 'virtio-serial-pci'],
  ...['-chardev', `socket,id=channel,fd=${CHANNEL_FD}`],
  ...['-device', 'virtserialport,chardev=channel,name=executor'],
];
const CONTROL = [
  ...['-chardev', `socket,id=control,fd=${QMP_FD}`],
  ...['-mon', 'chardev=control,mode=control'],
];

function machineArgs({ arch }: QemuMachine): readonly string[] {
  // microvm boots 6.1 faster and 5.10, 6.12 and 6.18 not at all.
  return arch === 'arm64' ? ['-M', 'virt'] : ['-M', 'q35'];
}

function cpuArgs({ arch, accelerator }: QemuMachine): readonly string[] {
  if (accelerator === 'kvm') return ['-accel', 'kvm', '-cpu', 'host', '-smp', '1'];
  const tcg = ['-accel', 'tcg,thread=single', '-smp', '1'];
  // TCG of QEMU 7.2 leaves garbage in EFLAGS after cmpxchg16b. An interrupt right after one (the
  // kernel's allocator is full of them) then returns into a double fault, once in some seconds.
  // Without the feature bit the kernel does not use the instruction. Nor does it copy byte by byte
  // without erms, or guard each access to user memory without smap: both are dear when emulated.
  return arch === 'arm64' ? [...tcg, '-cpu', 'max'] : [...tcg, '-cpu', 'max,-cx16,-erms,-smap'];
}

/** What to tell the kernel. Measured under TCG, this halves boot and system call time. */
export function kernelParameters({
  arch,
  accelerator,
  logLevel,
}: Pick<QemuMachine, 'arch' | 'accelerator' | 'logLevel'>): readonly string[] {
  const console = arch === 'arm64' ? 'ttyAMA0' : 'ttyS0';
  // The timer check fails at random when an emulated CPU is starved.
  const tcgTimers = arch === 'x64' ? ['no_timer_check', 'tsc=reliable'] : [];
  return [
    `console=${console}`,
    'OVL_CHANNEL=/dev/vport0p1',
    `loglevel=${logLevel}`,
    ...STOP_AT_TROUBLE,
    ...STOP_WHEN_STUCK,
    ...NOT_OUR_SUBJECT,
    ...(accelerator === 'tcg' ? tcgTimers : []),
  ];
}

/**
 * A kernel in trouble stops at once, before it answers the scenario that brought it there: so the
 * scenario is known. -no-reboot turns the reboot after a panic into the end of QEMU. The console
 * is slow, a line takes as long as a mount, so little is printed on it until a panic prints all.
 */
export const STOP_AT_TROUBLE = ['panic=-1', 'panic_print=0x20', 'oops=panic', 'panic_on_warn=1'];

const STOP_WHEN_STUCK = [
  'hung_task_panic=1',
  'sysctl.kernel.hung_task_timeout_secs=20',
  'softlockup_panic=1',
];

/**
 * Speculation, randomised addresses, self-tests, audit, memory that is cleared before it is used:
 * they cost time and decide no result. What complains of a bug stays, such as the checks of copies
 * to user space, and so do security modules: who may set security.* hangs on them.
 */
export const NOT_OUR_SUBJECT = [
  'mitigations=off',
  'nokaslr',
  'random.trust_cpu=on',
  'cryptomgr.notests',
  'audit=0',
  'init_on_alloc=0',
  'rcupdate.rcu_expedited=1',
];
