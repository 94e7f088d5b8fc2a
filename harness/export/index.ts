import { exportC } from './c.ts';
import { exportFstests, goldenOutput } from './fstests.ts';
import { exportSh } from './sh.ts';
import type { Reproducer } from './reproducer.ts';

/** What can be written. */
export interface Format {
  /** A reproducer may have to know the name of its file. */
  readonly write: (reproducer: Reproducer, name: string) => string;
  /** What it prints where all is as expected; whoever runs it compares that. */
  readonly golden?: (reproducer: Reproducer, name: string) => string;
}

/** Every format that a reproducer can be written in. */
export const FORMATS = {
  sh: { write: exportSh },
  c: { write: exportC },
  fstests: { write: exportFstests, golden: goldenOutput },
} satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;
