/**
 * Trouble of our own, by reason, and whose it is to solve. `usage`: whoever asked. `machine`: this
 * host lacks something, or cannot start the kernel. `trouble`: nobody's fault that we know of; a
 * fresh machine may do better.
 */
export const HARNESS_REASONS = {
  'bad-input': 'usage',
  'no-such-kernel': 'usage',
  'unfit-kernel': 'usage',
  unavailable: 'machine',
  'disk-full': 'machine',
  archive: 'machine',
  'boot-timeout': 'machine',
  'boot-failed': 'machine',
  lost: 'trouble',
  'wrong-protocol': 'trouble',
  timeout: 'trouble',
  trouble: 'trouble',
  aborted: 'trouble',
} as const satisfies Record<string, 'usage' | 'machine' | 'trouble'>;

export type HarnessReason = keyof typeof HARNESS_REASONS;

/** Trouble of our own, never a difference between model and kernel. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';
  readonly reason: HarnessReason;

  constructor(reason: HarnessReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The code of a failed system call of Node, such as `ENOSPC`; null for any other error. */
export function systemErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Runs what writes to disk, and says clearly when there was no room for it. */
export async function withRoomFor<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw new HarnessError('disk-full', `no room on the disk for ${what}`, { cause: error });
  }
}
