import { exportC } from './c.ts';
import { exportSh } from './sh.ts';
import type { Reproducer } from './reproducer.ts';

/** What can be written: its text, and how its file ends. */
export interface Format {
  readonly extension: string;
  write(reproducer: Reproducer): string;
}

/** Every format that a reproducer can be written in. */
export const FORMATS = {
  sh: { extension: 'sh', write: exportSh },
  c: { extension: 'c', write: exportC },
} satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;
