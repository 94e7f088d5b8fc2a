import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { HarnessError } from './errors.ts';
import type { Place } from './suite-answer.ts';
import { PLACE_FIELDS } from './suite-answer.ts';
import { parseScenario } from './scenario-file.ts';
import type { Scenario } from '../model/scenario.ts';

const stepNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

const place = v.union([
  v.strictObject({ result: stepNumber }),
  v.strictObject({
    after: stepNumber,
    tree: v.picklist(['merged', 'base']),
    path: v.string(),
    field: v.union([v.picklist(PLACE_FIELDS), v.pipe(v.string(), v.startsWith('xattr '))]),
  }),
]);

const schema = v.strictObject({
  title: v.string(),
  /** Further columns: kernels that are patched, and proposals, for which the model speaks. */
  beside: v.optional(v.array(v.string())),
  rows: v.pipe(
    v.array(
      v.strictObject({
        question: v.string(),
        scenario: v.string(),
        property: v.optional(v.string()),
        shows: v.pipe(v.array(place), v.minLength(1)),
        says: v.optional(v.record(v.string(), v.string())),
      }),
    ),
    v.minLength(1),
  ),
});

/** A question that one scenario answers on each kernel. */
export interface SuiteRow {
  readonly question: string;
  /** The stored scenario behind the answer. */
  readonly file: string;
  readonly scenario: Scenario;
  /** The law that it is checked by, where that is not the usual one. */
  readonly property: string | undefined;
  /** What of the trace makes up the answer, and what to call it. */
  readonly shows: readonly Place[];
  readonly says: Readonly<Record<string, string>>;
}

export interface Suite {
  readonly title: string;
  /** What is asked beside kernels as they are, unless others are named: patched ones, proposals. */
  readonly beside: readonly string[];
  readonly rows: readonly SuiteRow[];
}

/** A folder with `suite.json` and the scenarios that it names. */
export function readSuite(folder: string): Suite {
  const file = join(folder, 'suite.json');
  const text = readText(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new HarnessError('bad-input', `${file} is no JSON`);
  }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new HarnessError('bad-input', `${file}: ${v.getDotPath(issue) ?? ''}: ${issue.message}`);
  }
  const { title, beside = [], rows } = parsed.output;
  return {
    ...{ title, beside },
    rows: rows.map(({ question, scenario, property, shows, says = {} }) => {
      const path = join(folder, scenario);
      const stored = parseScenario(readText(path), path);
      return { question, file: path, scenario: stored, property, shows, says };
    }),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw new HarnessError('bad-input', `cannot read ${file}: ${why}`);
  }
}
