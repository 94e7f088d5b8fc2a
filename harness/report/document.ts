import * as v from 'valibot';
import { bisectDocument, diffProfilesDocument, questionsDocument } from './comparison-documents.ts';

const count = v.number();
const seconds = v.number();

const VERDICTS = ['holds', 'differs', 'kernel-finding', 'inconclusive'] as const;
const KINDS = ['difference', 'flaky', 'panic', 'warning', 'hung', 'lost'] as const;

const texts = v.pipe(v.array(v.string()), v.readonly());

/** What about a finding does not matter, and what does. */
const explanation = v.strictObject({
  varied: v.pipe(
    v.array(
      v.strictObject({
        at: v.pipe(v.string(), v.description('Such as `step 2`; empty for all of it.')),
        what: v.string(),
        shows: v.pipe(texts, v.description('Values with which it is still seen.')),
        hides: v.pipe(texts, v.description('Values with which it is not.')),
        isAlone: v.pipe(
          v.boolean(),
          v.description('Whether it does not matter by itself, but does with all the others.'),
        ),
      }),
    ),
    v.readonly(),
  ),
  needs: v.pipe(
    v.nullable(v.string()),
    v.description('The fewest mount options that show it; null when that was not found out.'),
  ),
  probes: v.pipe(count, v.description('Variations that ran.')),
  isComplete: v.boolean(),
});

/** A finding as `--json` shows it. */
export const finding = v.strictObject({
  file: v.pipe(v.string(), v.description('The scenario, to be replayed.')),
  kind: v.picklist(KINDS),
  cause: v.pipe(v.string(), v.description('What went wrong, and the rule it was predicted by.')),
  index: v.pipe(count, v.description('Which scenario of its seed it was found in.')),
  steps: v.pipe(
    count,
    v.description('Of the scenario as it is stored: shrunk, where it could be.'),
  ),
  rule: v.nullable(v.string()),
  kernel: v.string(),
  reproduced: v.strictObject({ times: count, of: count }),
  explanation: v.optional(v.nullable(explanation)),
  text: v.pipe(v.string(), v.description('The whole of it, for people.')),
});

/** What was checked on one kernel, with one wish for mount options and file systems. */
const checkedKernel = v.strictObject({
  release: v.pipe(v.nullable(v.string()), v.description('Null when none has started.')),
  backend: v.nullable(v.string()),
  property: v.string(),
  options: v.string(),
  base: v.string(),
  scenarios: count,
  steps: count,
  differences: v.pipe(count, v.description('Scenarios that differed, known ones left out.')),
  known: v.pipe(count, v.description('Scenarios that showed a known disagreement.')),
  seconds,
  stepsPerSecond: v.number(),
});

const boot = v.strictObject({
  how: v.picklist(['cold', 'snapshot']),
  bootMs: v.number(),
  kernelBootMs: v.nullable(v.number()),
});

const functionCoverage = v.strictObject({
  offered: v.pipe(count, v.description('Functions of overlayfs that can be traced.')),
  ran: count,
  never: v.pipe(
    v.array(v.strictObject({ name: v.string(), why: v.nullable(v.string()) })),
    v.readonly(),
    v.description('With what keeps every scenario from them, where that is known.'),
  ),
});

const objectCoverage = v.strictObject({
  possible: v.pipe(count, v.description('Calls, states of objects and kinds of mounts, combined.')),
  met: count,
  statesNeverMet: v.pipe(v.array(v.string()), v.readonly()),
  typesNeverMet: v.pipe(
    v.array(v.string()),
    v.readonly(),
    v.description('Calls, and the types of object that they never met: some cannot.'),
  ),
  missing: v.pipe(
    v.array(
      v.strictObject({
        use: v.string(),
        state: v.string(),
        options: v.string(),
        expected: v.pipe(v.number(), v.description('How often it would have come by chance.')),
      }),
    ),
    v.readonly(),
  ),
});

/** The document of `run --json`; its field names are a promise to scripts. */
export const runDocument = v.strictObject({
  verdict: v.picklist(VERDICTS),
  isInterrupted: v.boolean(),
  trouble: v.pipe(v.nullable(v.string()), v.description('What kept it from an answer.')),
  kernels: v.array(checkedKernel),
  seed: v.pipe(v.nullable(count), v.description('Null where seeds were several.')),
  rules: v.strictObject({
    total: v.pipe(count, v.description('Rules that such a run can reach on these kernels.')),
    reached: count,
  }),
  functions: v.optional(v.nullable(functionCoverage)),
  objects: v.optional(objectCoverage),
  boot: v.nullable(boot),
  firstCheckedStepMs: v.nullable(v.number()),
  findings: v.array(finding),
});

const spread = v.strictObject({ min: v.number(), median: v.number(), max: v.number() });

const benchDocument = v.array(
  v.strictObject({
    backend: v.string(),
    release: v.string(),
    rawStepsPerSecond: spread,
    checkedStepsPerSecond: spread,
    ratio: v.pipe(spread, v.description('Checked by raw, each round by itself.')),
    firstCheckedStepMs: v.number(),
    how: v.picklist(['cold', 'snapshot']),
    bootMs: v.number(),
    kernelBootMs: v.number(),
    coldFirstCheckedStepMs: v.number(),
    modelStepsPerSecond: v.number(),
    shrinkMs: spread,
  }),
);

const mutantScoreDocument = v.array(
  v.strictObject({
    id: v.string(),
    class: v.string(),
    equivalent: v.boolean(),
    found: v.boolean(),
    seeds: count,
    seedsFound: count,
    stepsUntilFound: v.nullable(count),
    scenariosUntilFound: v.nullable(count),
    shrunkSteps: v.nullable(count),
    property: v.nullable(v.string()),
    cause: v.nullable(v.string()),
  }),
);

/** What each command prints with `--json`; campaigns of a matrix are as those of `run`. */
export const DOCUMENTS = {
  run: runDocument,
  questions: questionsDocument,
  bisect: bisectDocument,
  diffProfiles: diffProfilesDocument,
  bench: benchDocument,
  mutantsScore: mutantScoreDocument,
};

export type FindingRecord = v.InferOutput<typeof finding>;
export type RunDocument = v.InferOutput<typeof runDocument>;
export type BenchDocument = v.InferOutput<typeof benchDocument>;
export type MutantScoreDocument = v.InferOutput<typeof mutantScoreDocument>;
