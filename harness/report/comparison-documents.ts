import * as v from 'valibot';

const count = v.number();

const verdict = v.picklist(['holds', 'differs']);

const differences = v.pipe(
  v.array(
    v.strictObject({
      step: v.pipe(count, v.description('0 is the mount.')),
      at: v.string(),
      field: v.string(),
      predicted: v.string(),
      observed: v.string(),
    }),
  ),
  v.readonly(),
);

/** The document of `bisect --json`. */
export const bisectDocument = v.strictObject({
  verdict,
  reference: v.pipe(v.string(), v.description('The semantics that kernels are held against.')),
  kernels: v.array(
    v.strictObject({
      asked: v.string(),
      release: v.nullable(v.string()),
      differs: v.pipe(v.nullable(v.boolean()), v.description('Null when it was not asked.')),
      differences,
      trouble: v.nullable(v.string()),
    }),
  ),
  first: v.pipe(v.nullable(v.string()), v.description('The first kernel that differs.')),
  last: v.nullable(v.string()),
  changes: v.pipe(
    v.array(v.pipe(v.tuple([v.string(), v.string()]), v.readonly())),
    v.readonly(),
    v.description('Neighbours that did not do the same.'),
  ),
});

const answers = v.pipe(
  v.array(v.strictObject({ question: v.string(), a: v.string(), b: v.string() })),
  v.readonly(),
);

/** The document of `diff-profiles --json`. */
export const diffProfilesDocument = v.strictObject({
  verdict,
  a: v.string(),
  b: v.string(),
  seed: count,
  scenarios: count,
  differences: v.array(
    v.strictObject({
      file: v.string(),
      steps: count,
      turnsOn: v.pipe(answers, v.description('Without these they would predict the same.')),
      differences,
      scenario: v.unknown(),
      text: v.string(),
    }),
  ),
  unmet: v.pipe(answers, v.description('Answered differently, and not met.')),
});

/** The document of `matrix --json` where it asks questions; else it is that of `run`. */
export const questionsDocument = v.strictObject({
  verdict,
  title: v.string(),
  rows: v.array(
    v.strictObject({
      question: v.string(),
      scenario: v.string(),
      cells: v.array(
        v.strictObject({
          kernel: v.string(),
          release: v.nullable(v.string()),
          answer: v.string(),
          agrees: v.pipe(
            v.nullable(v.boolean()),
            v.description('With what the model of that kernel says; null when it was not asked.'),
          ),
          differences,
        }),
      ),
    }),
  ),
});

export type BisectDocument = v.InferOutput<typeof bisectDocument>;
export type DiffProfilesDocument = v.InferOutput<typeof diffProfilesDocument>;
export type QuestionsDocument = v.InferOutput<typeof questionsDocument>;
