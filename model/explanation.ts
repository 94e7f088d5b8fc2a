/** A place of a scenario, and what became of its difference with other values there. */
export interface Varied {
  /** Where, such as `step 2` or `a of lower 0`; empty for the scenario as a whole. */
  readonly at: string;
  /** What was different, such as `mode`. */
  readonly what: string;
  /** Values with which the difference is still there. */
  readonly shows: readonly string[];
  /** Values with which it is gone. */
  readonly hides: readonly string[];
  /** Whether it can be different, but not at once with all the others. */
  readonly isAlone: boolean;
}

/** What can be different in a scenario while its difference stays, and what cannot. */
export interface Explanation {
  readonly varied: readonly Varied[];
  /** The fewest mount options that show it; null when that was not found out. */
  readonly needs: string | null;
  /** How many variations ran. */
  readonly probes: number;
  /** False when a limit was hit before everything was tried. */
  readonly isComplete: boolean;
}

/** Whether nothing that was tried there hides the difference. */
export function isFree({ shows, hides }: Pick<Varied, 'shows' | 'hides'>): boolean {
  return shows.length > 0 && hides.length === 0;
}
