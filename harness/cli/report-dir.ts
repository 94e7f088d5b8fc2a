import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { BASE_TYPES } from '../../model/bases.ts';
import type { Finding } from '../campaign-plan.ts';
import { LOSSES } from '../known-disagreement.ts';
import type { KnownDisagreement } from '../known-disagreement.ts';
import type { TallyRecord } from '../campaign-tally.ts';
import type { CampaignRecord, StoredCampaign } from '../report/campaign-record.ts';
import type { FindingRecord, RunDocument } from '../report/document.ts';
import { reportFiles } from '../report/files.ts';
import { traceOf } from '../report/finding-trace.ts';
import type { FindingTrace } from '../report/finding-trace.ts';
import { writeReproducer } from '../export/beside-finding.ts';
import { findingText } from '../report/text.ts';
import { parseScenario } from '../scenario-file.ts';
import * as v from 'valibot';
import { HarnessError } from '../errors.ts';

export const CAMPAIGN_FILE = 'campaign.json';
export const RESULT_FILE = 'result.json';
export const MERGED_FILE = 'merged.json';

/** What there may be of a finding, beside its scenario, by how names end. */
export const FINDING_FILES = ['json', 'txt', 'trace.json'];

/** Where all that a finding shows is, for a page. */
export function traceFileOf(file: string): string {
  return file.replace(/json$/, 'trace.json');
}

/** Written by ourselves, in one piece; null where it was taken away. */
export function readTrace(file: string): FindingTrace | null {
  try {
    return JSON.parse(readFileSync(traceFileOf(file), 'utf8')) as FindingTrace;
  } catch {
    return null;
  }
}

/** The folder of a campaign: what it found, and how far it got. */
export class ReportDir {
  readonly path: string;
  /** Those of before the campaign was resumed included. */
  readonly findings: FindingRecord[];
  /** Where the certificate is, if there is one. */
  certified: string | null = null;

  constructor(path: string, findings: readonly FindingRecord[]) {
    this.path = path;
    this.findings = [...findings];
    try {
      makeFolder(resolve(path));
    } catch (error) {
      const why = error instanceof Error ? error.message : '';
      throw new HarnessError('bad-input', `cannot write to ${path}: ${why}`, { cause: error });
    }
  }

  /** Stores a finding, before anybody hears of it. */
  finding(finding: Finding): FindingRecord {
    const { kind, cause, index, scenario, rule, release, reproduced, explanation } = finding;
    const file = this.freeName();
    const text = findingText(finding);
    const about = { kind, cause, index, steps: scenario.steps.length, rule, kernel: release };
    const record = { file, ...about, reproduced, explanation, text };
    writeWhole(file, `${JSON.stringify(scenario, null, 1)}\n`);
    writeWhole(file.replace(/json$/, 'txt'), text);
    writeReproducer(finding, file);
    writeWhole(traceFileOf(file), `${JSON.stringify(traceOf(finding))}\n`);
    this.findings.push(record);
    return record;
  }

  record(campaign: Omit<CampaignRecord, 'findings'>): CampaignRecord {
    const record = { ...campaign, findings: [...this.findings] };
    writeWhole(join(this.path, CAMPAIGN_FILE), `${JSON.stringify(record)}\n`);
    return record;
  }

  /** How it ended, for programs and for people. */
  result(campaign: StoredCampaign): void {
    writeWhole(join(this.path, RESULT_FILE), `${JSON.stringify(campaign.result, null, 1)}\n`);
    this.#files([campaign]);
  }

  /** The same of several campaigns. */
  merged(campaigns: readonly StoredCampaign[], document: RunDocument): void {
    writeWhole(join(this.path, MERGED_FILE), `${JSON.stringify({ campaigns })}\n`);
    writeWhole(join(this.path, RESULT_FILE), `${JSON.stringify(document, null, 1)}\n`);
    this.#files(campaigns);
  }

  #files(campaigns: readonly StoredCampaign[]): void {
    for (const [name, text] of Object.entries(reportFiles(campaigns, readTrace))) {
      writeWhole(join(this.path, name), text);
    }
  }

  /** What holds on a kernel. */
  certificate({ document, text }: { readonly document: unknown; readonly text: string }): void {
    const file = join(this.path, 'certificate.txt');
    writeWhole(file, `${text}\n`);
    writeWhole(file.replace(/txt$/, 'json'), `${JSON.stringify(document)}\n`);
    this.certified = file;
  }

  /** Never the name of what another campaign left in the same folder. */
  freeName(): string {
    const taken = new Set(listFolder(this.path));
    let number = 1;
    while (taken.has(`finding-${number}.json`)) number++;
    return join(this.path, `finding-${number}.json`);
  }
}

export function readRecord(path: string): CampaignRecord {
  try {
    // Written by ourselves, in one piece.
    return JSON.parse(readFileSync(join(path, CAMPAIGN_FILE), 'utf8')) as CampaignRecord;
  } catch {
    throw new HarnessError('bad-input', `${path} holds no campaign to go on with`);
  }
}

/** A name that sorts by when it was given. */
export function newName(what: string): string {
  return `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${what}`;
}

/** Notes how often the last campaign used each rule, wherever its report is. */
export function rememberCampaign(cache: string, record: LastCampaign): void {
  mkdirSync(cache, { recursive: true });
  writeWhole(join(cache, LAST), `${JSON.stringify(record)}\n`);
}

export function lastCampaign(cache: string): LastCampaign | null {
  try {
    // Written by ourselves, in one piece.
    return JSON.parse(readFileSync(join(cache, LAST), 'utf8')) as LastCampaign;
  } catch {
    return null;
  }
}

const LAST = 'last-campaign.json';

export interface LastCampaign {
  readonly seed: number;
  readonly kernel: string;
  readonly options: string;
  readonly base: string;
  readonly scenarios: number;
  readonly rules: TallyRecord['rules'];
}

const disagreement = v.strictObject({
  kernels: v.array(v.string()),
  reason: v.string(),
  property: v.string(),
  rule: v.string(),
  differs: v.pipe(
    v.array(v.string()),
    v.check((places) => {
      const isLoss = (place: string): boolean => LOSSES.some((loss) => loss === place);
      return places.every(isLoss) || !places.some(isLoss);
    }, 'a machine that is lost leaves no other place to differ at'),
  ),
  base: v.optional(v.picklist(BASE_TYPES)),
  differsLater: v.optional(v.array(v.string())),
  scenario: v.unknown(),
});

/** Known misbehaviour of real kernels. */
export function readDisagreements(fixtures: string): KnownDisagreement[] {
  const dir = join(fixtures, 'disagreements');
  return listFolder(dir).map((name) => {
    const { scenario, ...rest } = v.parse(
      disagreement,
      JSON.parse(readFileSync(join(dir, name), 'utf8')),
    );
    return { file: name, ...rest, scenario: parseScenario(JSON.stringify(scenario), name) };
  });
}

/** Folder by folder: what Node has for all at once never ends where none can be made. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** A reader never sees half a file. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.partial`, text);
  renameSync(`${path}.partial`, path);
}
