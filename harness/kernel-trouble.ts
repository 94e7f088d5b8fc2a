/** What the kernel log can say that nobody wants to read. */
export type TroubleKind = 'panic' | 'warning' | 'hung';

/** The first pattern that matches a line names the trouble, so the more telling ones come first. */
const TROUBLE: readonly (readonly [pattern: RegExp, kind: TroubleKind])[] = [
  [/INFO: task .* blocked for more than|hung_task: blocked tasks/, 'hung'],
  [/BUG: soft lockup|softlockup: hung tasks|rcu.*detected stall|rcu.*self-detected stall/, 'hung'],
  [/panic_on_warn set/, 'warning'],
  [/Kernel panic - not syncing/, 'panic'],
  [/\bBUG: |kernel BUG at |\bOops\b|general protection fault|double fault/, 'panic'],
  [/Unable to handle kernel|unable to handle page fault/, 'panic'],
  [/\bWARNING: /, 'warning'],
  [/UBSAN: |KCSAN: |kmemleak: \d+ new|refcount_t: /, 'warning'],
  [/possible (?:circular|recursive) locking|inconsistent lock state|lock held when/, 'warning'],
  [/suspicious RCU usage|sleeping function called from invalid context/, 'warning'],
  [/list_(?:add|del) corruption|Busy inodes after unmount/, 'warning'],
];

export function troubleIn(line: string): TroubleKind | null {
  return TROUBLE.find(([pattern]) => pattern.test(line))?.[1] ?? null;
}

export interface Trouble {
  readonly kind: TroubleKind;
  readonly report: string;
}

const PANIC = 'Kernel panic - not syncing';
const LINES_MAX = 4096;
const REPORT_LINES_MAX = 200;
/** What the log said just before belongs to the report. */
const LINES_BEFORE = 15;

/**
 * What a log says that went wrong. A kernel that panics prints its whole log once more, with all
 * that it kept from a slow console before: then that is the log to read.
 */
export function troubleOf(log: readonly string[]): Trouble | null {
  const start = log.findIndex((line) => troubleIn(line) !== null);
  if (start < 0) return null;
  const again = log.findLastIndex((line) => line.includes('] Linux version '));
  const lines = again > start ? log.slice(again) : log;
  const first = lines.findIndex((line) => troubleIn(line) !== null);
  const from = first < 0 ? log.slice(start) : lines.slice(Math.max(0, first - LINES_BEFORE));
  const kinds = log.map(troubleIn).filter((kind) => kind !== null);
  // Every trouble ends in a panic, which says for what: a warning, or something that hung.
  const kind = kinds.find((other) => other !== 'panic' && hasEndedIn(other, log)) ?? kinds[0];
  return { kind: kind ?? 'panic', report: from.slice(0, REPORT_LINES_MAX).join('\n') };
}

/** The first line of a report that complains, without what is another one at each boot. */
export function titleOf(report: string): string {
  const lines = report.split('\n');
  const title = lines.find((line) => troubleIn(line) !== null) ?? lines[0] ?? '';
  return title.replace(/^\[ *[\d.]+\] /, '').replaceAll(/\b(?:0x)?[0-9a-f]{16}\b/g, 'ADDRESS');
}

function hasEndedIn(kind: TroubleKind, log: readonly string[]): boolean {
  return log.some((line) => line.includes(PANIC) && troubleIn(line) === kind);
}

/** How long the next line of a report may take: the kernel prints a report in one go. */
const PAUSE_MS = 500;
/** A panic ends the machine. This is for one that hangs in it. */
const PAUSE_IN_PANIC_MS = 5000;

export interface TroubleWatch {
  readonly onLine: (line: string) => void;
  /** The console has ended: what is there of a report is all. */
  readonly onEnd: () => void;
}

/** Reads a log line by line, and tells of the first trouble when its report is complete. */
export function watchForTrouble(onTrouble: (trouble: Trouble) => void): TroubleWatch {
  let log: string[] = [];
  let isTrouble = false;
  let pauseMs = PAUSE_MS;
  let pause: NodeJS.Timeout | undefined;
  let isComplete = false;
  const complete = (): void => {
    clearTimeout(pause);
    const trouble = isComplete ? null : troubleOf(log);
    if (trouble === null) return;
    isComplete = true;
    log = [];
    onTrouble(trouble);
  };
  return {
    onEnd: complete,
    onLine(line) {
      if (isComplete) return;
      log.push(line);
      isTrouble ||= troubleIn(line) !== null;
      if (!isTrouble) {
        if (log.length > LINES_BEFORE) log.shift();
        return;
      }
      if (line.includes(PANIC)) pauseMs = PAUSE_IN_PANIC_MS;
      clearTimeout(pause);
      if (log.length >= LINES_MAX) complete();
      else pause = setTimeout(complete, pauseMs);
    },
  };
}
