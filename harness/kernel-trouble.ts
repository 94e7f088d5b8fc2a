/** What the kernel log can say that nobody wants to read. */
export type TroubleKind = 'panic' | 'warning' | 'hung';

/** The first pattern that matches a line names the trouble, so the more telling ones come first. */
const TROUBLE: readonly (readonly [pattern: RegExp, kind: TroubleKind])[] = [
  [/INFO: task .* blocked for more than/, 'hung'],
  [/watchdog: BUG: soft lockup|rcu.*detected stalls|INFO: rcu.*stall/, 'hung'],
  [/Kernel panic - not syncing/, 'panic'],
  [/\bBUG: |kernel BUG at |\bOops\b|general protection fault|double fault/, 'panic'],
  [/Unable to handle kernel|unable to handle page fault/, 'panic'],
  [/\bWARNING: /, 'warning'],
  [/UBSAN: |KASAN: |KCSAN: |kmemleak: \d+ new|refcount_t: /, 'warning'],
  [/possible (?:circular|recursive) locking|inconsistent lock state|lock held when/, 'warning'],
  [/suspicious RCU usage|sleeping function called from invalid context/, 'warning'],
  [/list_(?:add|del) corruption|VFS: Busy inodes after unmount/, 'warning'],
];

export function troubleIn(line: string): TroubleKind | null {
  return TROUBLE.find(([pattern]) => pattern.test(line))?.[1] ?? null;
}

/** A report ends where the kernel says so, or it has got long enough. */
const REPORT_LINES_MAX = 200;
/** How long the next line of a report may take: the kernel prints a report in one go. */
const REPORT_PAUSE_MS = 500;
const REPORT_END = /---\[ end (?:trace|Kernel panic)/;

export interface Trouble {
  readonly kind: TroubleKind;
  readonly report: string;
}

export interface TroubleWatch {
  readonly onLine: (line: string) => void;
  /** The console has ended: what is there of a report is all. */
  readonly onEnd: () => void;
  /** What is wrong so far, complete or not. */
  readonly found: () => Trouble | null;
}

/** Collects the report of the first trouble, and tells when it is complete. */
export function watchForTrouble(onTrouble: (trouble: Trouble) => void): TroubleWatch {
  const lines: string[] = [];
  let kind: TroubleKind | null = null;
  let pause: NodeJS.Timeout | undefined;
  let isComplete = false;
  const found = (): Trouble | null => (kind === null ? null : { kind, report: lines.join('\n') });
  const complete = (): void => {
    clearTimeout(pause);
    const trouble = found();
    if (isComplete || trouble === null) return;
    isComplete = true;
    onTrouble(trouble);
  };
  return {
    found,
    onEnd: complete,
    onLine(line) {
      if (isComplete) return;
      kind ??= troubleIn(line);
      if (kind === null) return;
      lines.push(line);
      clearTimeout(pause);
      if (lines.length >= REPORT_LINES_MAX || REPORT_END.test(line)) complete();
      else pause = setTimeout(complete, REPORT_PAUSE_MS);
    },
  };
}
