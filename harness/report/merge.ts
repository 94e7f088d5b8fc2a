import type { TallyRecord } from '../campaign-tally.ts';
import { HarnessError } from '../errors.ts';
import { objectCoverage, ObjectTally } from '../object-tally.ts';
import { mergePaces } from '../pace.ts';
import type { CampaignRecord, StoredCampaign } from './campaign-record.ts';
import { placeOf } from './campaign-record.ts';
import { coverageOfRecords } from './coverage.ts';
import type { FindingRecord, RunDocument } from './document.ts';
import { functionCoverage } from './function-coverage.ts';

/** Whether two findings are of the same scenario, which is in their files. */
export type IsSameScenario = (a: FindingRecord, b: FindingRecord) => boolean;

/** From the worst to the best. */
const VERDICTS = ['differs', 'kernel-finding', 'inconclusive', 'holds'] as const;

/** Campaigns as if those that are shards of one had been one. */
export function mergeCampaigns(
  campaigns: readonly StoredCampaign[],
  isSame: IsSameScenario,
): readonly StoredCampaign[] {
  const groups = Map.groupBy(campaigns, keyOf);
  return [...groups.values()].map((shards) => mergeShards(shards, isSame));
}

/** All of a campaign but for which share it is of. */
function keyOf({ record, result }: StoredCampaign): string {
  const { property, semantics, seed, options, base, parameters, stepCount } = record;
  const { kernel, release, module, userns = false } = record;
  const place = [
    kernel,
    release,
    userns,
    module ?? null,
    result.kernels.map(({ backend }) => backend),
  ];
  const { of } = record.shard;
  const wish = [property, semantics ?? null, seed, options, base, parameters ?? null, stepCount];
  return JSON.stringify([wish, of, place]);
}

function mergeShards(unsorted: readonly StoredCampaign[], isSame: IsSameScenario): StoredCampaign {
  const shards = unsorted.toSorted((a, b) => a.record.shard.index - b.record.shard.index);
  const [first] = shards;
  if (first === undefined) throw new RangeError('no shards');
  const { of } = first.record.shard;
  const indexes = shards.map(({ record }) => record.shard.index);
  const twice = indexes.find((index, at) => index === indexes[at + 1]);
  if (twice !== undefined) {
    const which = of === 1 ? 'a campaign' : `shard ${twice + 1}/${of}`;
    throw new HarnessError('bad-input', `${which} on ${placeOf(first)} is there twice`);
  }
  if (of === 1) return first;
  const missing = Array.from({ length: of }, (_, index) => index)
    .filter((index) => !indexes.includes(index))
    .map((index) => `shard ${index + 1}/${of} is missing`);
  const record: CampaignRecord = {
    ...first.record,
    shard: { index: 0, of: 1 },
    tally: mergeTallies(shards.map((shard) => shard.record)),
    findings: mergeFindings(
      shards.flatMap((shard) => shard.record.findings),
      isSame,
    ),
  };
  return { record, result: resultOfShards(record, shards, missing) };
}

/** One finding for each cause, the first of its seed, as one campaign would have found them. */
function mergeFindings(
  findings: readonly FindingRecord[],
  isSame: IsSameScenario,
): readonly FindingRecord[] {
  const merged: FindingRecord[] = [];
  for (const finding of findings.toSorted((a, b) => a.index - b.index)) {
    const isKnown = merged.some(
      (other) =>
        other.cause === finding.cause || (other.kind === finding.kind && isSame(other, finding)),
    );
    if (!isKnown) merged.push(finding);
  }
  return merged;
}

function mergeTallies(records: readonly CampaignRecord[]): TallyRecord {
  const tallies = records.map(({ tally }) => tally);
  const sum = (of: (tally: TallyRecord) => number): number =>
    tallies.reduce((total, tally) => total + of(tally), 0);
  const doneBelow = Math.min(...tallies.map((tally) => tally.doneBelow));
  const beyond = records.flatMap(({ shard, tally }) => [
    ...indexesOf(shard, doneBelow, tally.doneBelow),
    ...tally.beyond,
  ]);
  return {
    doneBelow,
    beyond: beyond.sort((a, b) => a - b),
    scenarios: sum(({ scenarios }) => scenarios),
    steps: sum(({ steps }) => steps),
    rules: addCounts(tallies.map(({ rules }) => rules)),
    causes: addCounts(tallies.map(({ causes }) => causes)),
    known: sum(({ known }) => known),
    knownBy: addCounts(tallies.map(({ knownBy }) => knownBy)),
    seconds: sum(({ seconds }) => seconds),
    stepKinds: addCounts(tallies.map(({ stepKinds }) => stepKinds)),
    pace: mergePaces(tallies.map(({ pace }) => pace)),
    ...lookedInto(tallies),
  };
}

/** What campaigns reached inside overlayfs, where they looked. */
function lookedInto(
  tallies: readonly Pick<TallyRecord, 'objects' | 'functions'>[],
): Pick<TallyRecord, 'objects' | 'functions'> {
  const objects = new ObjectTally();
  for (const tally of tallies) objects.add(tally.objects ?? {});
  const traced = tallies.flatMap(({ functions }) => functions ?? []);
  const union = (of: 'offered' | 'ran'): readonly string[] =>
    [...new Set(traced.flatMap((functions) => functions[of]))].sort();
  const functions = { offered: union('offered'), ran: union('ran') };
  return { objects: objects.record(), ...(traced.length === 0 ? {} : { functions }) };
}

function indexesOf({ index, of }: CampaignRecord['shard'], from: number, to: number): number[] {
  const indexes: number[] = [];
  for (let at = from; at < to; at++) if (at % of === index) indexes.push(at);
  return indexes;
}

type Counts = Readonly<Record<string, number>>;

function addCounts(all: readonly Counts[]): Counts {
  const sums = new Map<string, number>();
  for (const [key, count] of all.flatMap((counts) => Object.entries(counts))) {
    sums.set(key, (sums.get(key) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}

function resultOfShards(
  record: CampaignRecord,
  shards: readonly StoredCampaign[],
  missing: readonly string[],
): RunDocument {
  const all = documentOfAll(shards, missing);
  const [kernel] = all.kernels;
  const { scenarios, steps, known, seconds, causes } = record.tally;
  const counts = { scenarios, steps, differences: totalOf(causes), known };
  const stepsPerSecond = seconds === 0 ? 0 : steps / seconds;
  return {
    ...all,
    kernels: kernel === undefined ? [] : [{ ...kernel, ...counts, seconds, stepsPerSecond }],
    rules: coverageOfRecords([record]),
    findings: [...record.findings],
  };
}

function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What several campaigns say together: the worst of each. */
export function documentOfAll(
  campaigns: readonly StoredCampaign[],
  troubles: readonly string[] = [],
): RunDocument {
  const results = campaigns.map(({ result }) => result);
  const trouble = [...results.flatMap((result) => result.trouble ?? []), ...troubles];
  const isInterrupted = results.some((result) => result.isInterrupted);
  const verdicts = new Set<string>(results.map(({ verdict }) => verdict));
  if (trouble.length > 0 || isInterrupted || campaigns.length === 0) verdicts.add('inconclusive');
  const seeds = new Set(campaigns.map(({ record }) => record.seed));
  const { objects = {}, functions } = lookedInto(campaigns.map(({ record }) => record.tally));
  const firsts = results.flatMap((result) => result.firstCheckedStepMs ?? []);
  return {
    verdict: VERDICTS.find((verdict) => verdicts.has(verdict)) ?? 'inconclusive',
    isInterrupted,
    trouble: trouble.length === 0 ? null : [...new Set(trouble)].join('; '),
    kernels: results.flatMap(({ kernels }) => kernels),
    seed: seeds.size === 1 ? ([...seeds][0] ?? null) : null,
    rules: coverageOfRecords(campaigns.map(({ record }) => record)),
    functions: functions === undefined ? null : functionCoverage(functions),
    objects: objectCoverage(objects),
    boot: results.find(({ boot }) => boot !== null)?.boot ?? null,
    firstCheckedStepMs: firsts.length === 0 ? null : Math.min(...firsts),
    findings: campaigns.flatMap(({ record }) => record.findings),
  };
}
