import type { Duplex } from 'node:stream';
import type { KernelImage } from './kernels/image.ts';

/** What a machine is made from. */
export interface BootRequest {
  readonly kernel: KernelImage;
  /** The static executor binary, PID 1 of the machine. */
  readonly executorPath: string;
  /** Where initramfs images, snapshots and what was learned about this host are kept. */
  readonly cacheDir: string;
  /** Modules that the scenarios need beyond overlay itself, by name, such as `xfs`. */
  readonly modules?: readonly string[];
  /** Module files that take the place of the kernel's own, by module name. */
  readonly moduleFiles?: ReadonlyMap<string, string>;
  readonly memoryMib?: number;
  /** Boots even where a saved machine could be restored, and saves none. */
  readonly coldBoot?: boolean;
  readonly bootTimeoutMs?: number;
}

/** One way to get a running kernel: QEMU, UML, namespaces of this host. One file each. */
export interface Backend {
  readonly name: BackendName;
  /** Why this host cannot use the backend, or null when it can. */
  unavailable(): Promise<string | null>;
  /** What it cannot do on this host although it works, or null. */
  readonly limits?: () => Promise<string | null>;
  /** Resolves when the executor has said hello. Rejects only with a HarnessError. */
  boot(request: BootRequest, signal?: AbortSignal): Promise<Machine>;
}

export type BackendName = 'qemu' | 'uml' | 'namespace';

/** A booted machine whose only process is the executor. Disposing it kills it. */
export interface Machine extends AsyncDisposable {
  /** Such as `qemu, tcg`: for the first line of output. */
  readonly backend: string;
  /** Frames to and from the executor. The first one to be read is its hello. */
  readonly channel: Duplex;
  /** Whether programs are better packed for its channel. */
  readonly packsPrograms?: boolean;
  /** The kernel log, line by line, from the first line of the boot. */
  readonly console: AsyncIterable<string>;
  readonly exited: Promise<MachineExit>;
  readonly how: 'cold' | 'snapshot';
  /** From the start of the process to the hello. */
  readonly bootMs: number;
}

/** `panic`, `warning` and `hung` are findings about the kernel. The rest is our own trouble. */
export type MachineExit =
  | { readonly reason: 'disposed' }
  | { readonly reason: 'panic' | 'warning' | 'hung'; readonly report: string }
  | { readonly reason: 'lost'; readonly detail: string };
