import { HarnessError } from './errors.ts';
import type { Kernel } from './kernel.ts';

/** A machine and the kernel in it, as a campaign uses them. Disposing it ends the machine. */
export interface Guest extends AsyncDisposable {
  readonly kernel: Kernel;
  /** Such as `qemu, tcg`. */
  readonly backend: string;
  /** The kernel is that of this host: what may be lost is but our executor. */
  readonly isShared?: boolean;
  readonly how: 'cold' | 'snapshot';
  readonly bootMs: number;
  /** The executor's part of that, where it was booted: the rest is the kernel's own. */
  readonly setUpMs: number;
  /**
   * Takes the overlay module out of a machine of ours, which ends it if there is anything that the
   * module has not let go of. Where it is not there, there is no telling.
   */
  readonly unload?: () => Promise<void>;
  readonly exited: Promise<GuestExit>;
}

/**
 * `panic`, `warning` and `hung` are findings about the kernel. The rest is our own trouble, unless
 * one scenario does it each time.
 */
export type GuestExit =
  | { readonly reason: 'disposed' }
  | { readonly reason: 'panic' | 'warning' | 'hung'; readonly report: string }
  | { readonly reason: 'lost'; readonly detail: string };

export type KernelTrouble = Extract<GuestExit, { readonly report: string }>;

/** Starts a fresh machine, booted from cold if asked. Rejects only with a HarnessError. */
export type StartGuest = (
  signal: AbortSignal,
  how?: { readonly isCold: boolean },
) => Promise<Guest>;

/** What a machine has to say about its end; null when it said nothing in time. */
export async function exitOf(
  { exited }: Pick<Guest, 'exited'>,
  waitMs: number,
): Promise<GuestExit | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, waitMs, null);
  });
  const exit = await Promise.race([exited, late]);
  clearTimeout(timer);
  return exit;
}

export function isKernelTrouble(exit: GuestExit | null): exit is KernelTrouble {
  return exit !== null && 'report' in exit;
}

/** What the kernel complains about when the module is taken out: it was not let go of. */
export async function leftBy(guest: Guest, waitMs: number): Promise<KernelTrouble | null> {
  try {
    await guest.unload?.();
    return null;
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    const exit = await exitOf(guest, waitMs);
    if (isKernelTrouble(exit)) return exit;
    throw error;
  }
}
