import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { HarnessError } from '../errors.ts';
import type { CampaignRecord, StoredCampaign } from '../report/campaign-record.ts';
import { coverageOfRecords } from '../report/coverage.ts';
import { finding, runDocument } from '../report/document.ts';
import type { RunDocument } from '../report/document.ts';
import { CAMPAIGN_FILE, MERGED_FILE, RESULT_FILE } from './report-dir.ts';

/** What is relied on before anything else is looked at; the rest was written with it. */
const campaignRecord = v.looseObject({
  property: v.string(),
  seed: v.number(),
  options: v.string(),
  base: v.string(),
  kernel: v.string(),
  shard: v.object({ index: v.number(), of: v.number() }),
  tally: v.looseObject({
    scenarios: v.number(),
    rules: v.record(v.string(), v.number()),
    stepKinds: v.record(v.string(), v.number()),
    pace: v.object({ everySeconds: v.number(), steps: v.array(v.number()) }),
  }),
  findings: v.array(finding),
});

const merged = v.object({
  campaigns: v.array(v.object({ record: campaignRecord, result: runDocument })),
});

/** The campaigns of a report folder: of a run, of a merge, or of a folder of such folders. */
export function readStored(dir: string): readonly StoredCampaign[] {
  const own = readOwn(dir);
  if (own !== null) return own;
  const below = foldersOf(dir).flatMap((name) => readOwn(join(dir, name)) ?? []);
  if (below.length === 0) throw new HarnessError('bad-input', `${dir} holds no report`);
  return below;
}

function readOwn(dir: string): readonly StoredCampaign[] | null {
  const all = readJson(join(dir, MERGED_FILE));
  if (all !== null) {
    return check(merged, all, dir).campaigns.map(({ record, result }) =>
      inFolder(dir, asRecord(record), result),
    );
  }
  const one = readJson(join(dir, CAMPAIGN_FILE));
  if (one === null) return null;
  const record = asRecord(check(campaignRecord, one, dir));
  const result = readJson(join(dir, RESULT_FILE));
  return [
    inFolder(dir, record, result === null ? unended(record) : check(runDocument, result, dir)),
  ];
}

/** What was just looked at is of ours, so the rest of it is as we write it. */
function asRecord(record: v.InferOutput<typeof campaignRecord>): CampaignRecord {
  return record as unknown as CampaignRecord;
}

/** A folder may have come from another machine: its files are where it is now. */
function inFolder(dir: string, record: CampaignRecord, result: RunDocument): StoredCampaign {
  const findings = record.findings.map((one) => ({ ...one, file: join(dir, basename(one.file)) }));
  return { record: { ...record, findings }, result: { ...result, findings } };
}

/** What can be said of a campaign that was killed. */
function unended(record: CampaignRecord): RunDocument {
  const { release, property, options, base, tally, seed, findings } = record;
  const { scenarios, steps, known, seconds, causes } = tally;
  const differences = Object.values(causes).reduce((sum, count) => sum + count, 0);
  const isDifferent = findings.some(({ reproduced }) => reproduced.times > 0);
  return {
    verdict: isDifferent ? 'differs' : 'inconclusive',
    isInterrupted: true,
    trouble: 'the campaign did not come to its end',
    kernels: [
      {
        ...{ release, backend: null, property, options, base, scenarios, steps, differences },
        ...{ known, seconds, stepsPerSecond: seconds === 0 ? 0 : steps / seconds },
      },
    ],
    seed,
    rules: coverageOfRecords([record]),
    boot: null,
    firstCheckedStepMs: null,
    findings: [...findings],
  };
}

function check<S extends v.GenericSchema>(schema: S, json: unknown, dir: string): v.InferOutput<S> {
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? 'the document';
  throw new HarnessError('bad-input', `${dir} is no report of this version: ${path}`);
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new HarnessError('bad-input', `${file} is no JSON`);
  }
}

function foldersOf(dir: string): readonly string[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
