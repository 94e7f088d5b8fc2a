import { existsSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { PredictedTrace } from '../../model/observation.ts';
import type { Finding } from '../campaign-plan.ts';
import { HarnessError } from '../errors.ts';
import { FORMATS } from './index.ts';
import type { FormatName } from './index.ts';
import { reproducerOf } from './reproducer.ts';
import type { Reproducer } from './reproducer.ts';

/** What runs by itself, and has a name that says what it is; the first that can be had. */
const BESIDE = ['sh', 'c'] as const satisfies readonly FormatName[];

/** Writes a reproducer beside a finding, in the first format that can have it, if any can. */
export function writeReproducer(finding: Finding, file: string): void {
  const { checked, scenario, release } = finding;
  // A law that needs no model says nothing of what a kernel should do.
  if (checked === null || checked.sides !== undefined || checked.predicted.length === 0) return;
  const reproducer = unlessRefused(() => reproducerOf(scenario, release, checked.differences));
  // The kernel may have been held against other semantics, or have defaults of its own.
  if (reproducer === null || !isPredictedSo(reproducer, checked.predicted)) return;
  for (const format of BESIDE) {
    const text = unlessRefused(() => FORMATS[format].write(reproducer));
    if (text === null) continue;
    writeFileSync(nameOf(file, format), text);
    return;
  }
}

/** Null where what is asked for cannot be expressed. */
function unlessRefused<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof HarnessError) return null;
    throw error;
  }
}

function isPredictedSo({ predicted }: Reproducer, trace: PredictedTrace): boolean {
  return isDeepStrictEqual(predicted, trace.slice(0, predicted.length));
}

/** Where the reproducer of a finding is, if it has one. */
export function reproducerBeside(file: string): string | null {
  const names = BESIDE.map((format) => nameOf(file, format));
  return names.find((name) => existsSync(name)) ?? null;
}

function nameOf(file: string, extension: string): string {
  return file.replace(/json$/, extension);
}
