import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Finding } from '../campaign-plan.ts';
import type { ModuleParameters } from '../../model/semantics/module-parameters.ts';
import type { KnownDisagreement } from '../known-disagreement.ts';
import type { TallyRecord } from '../campaign-tally.ts';
import { findingText } from '../report/text.ts';
import { parseScenario } from '../scenario-file.ts';
import * as v from 'valibot';
import { HarnessError } from '../errors.ts';

const RECORD = 'campaign.json';

/** A finding as `--json` shows it; the names are a promise to scripts. */
export interface FindingRecord {
  readonly file: string;
  readonly kind: Finding['kind'];
  readonly steps: number;
  readonly rule: string | null;
  readonly kernel: string;
  readonly reproduced: Finding['reproduced'];
  readonly text: string;
}

/** What a campaign was asked to do and what it did, kept so that it can go on. */
export interface CampaignRecord {
  readonly property: string;
  readonly semantics?: string;
  readonly seed: number;
  readonly options: string;
  readonly base: string;
  readonly parameters?: ModuleParameters;
  readonly stepCount: number;
  readonly shard: { readonly index: number; readonly of: number };
  readonly kernel: string;
  /** What `uname -r` says on that kernel; null before the first start of it. */
  readonly release: string | null;
  /** An overlay.ko in the place of the kernel's own. */
  readonly module?: string;
  readonly tally: TallyRecord;
  readonly findings: readonly FindingRecord[];
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
    const { kind, scenario, rule, release, reproduced } = finding;
    const file = this.#freeName();
    const text = findingText(finding);
    const record = { file, kind, steps: scenario.steps.length, rule, kernel: release };
    writeWhole(file, `${JSON.stringify(scenario, null, 1)}\n`);
    writeWhole(file.replace(/json$/, 'txt'), text);
    this.findings.push({ ...record, reproduced, text });
    return { ...record, reproduced, text };
  }

  record(record: Omit<CampaignRecord, 'findings'>): void {
    const { findings } = this;
    writeWhole(join(this.path, RECORD), `${JSON.stringify({ ...record, findings })}\n`);
  }

  result(document: unknown): void {
    writeWhole(join(this.path, 'result.json'), `${JSON.stringify(document, null, 1)}\n`);
  }

  /** What holds on a kernel. */
  certificate({ document, text }: { readonly document: unknown; readonly text: string }): void {
    const file = join(this.path, 'certificate.txt');
    writeWhole(file, `${text}\n`);
    writeWhole(file.replace(/txt$/, 'json'), `${JSON.stringify(document)}\n`);
    this.certified = file;
  }

  /** Never the name of what another campaign left in the same folder. */
  #freeName(): string {
    const taken = new Set(listFolder(this.path));
    let number = 1;
    while (taken.has(`finding-${number}.json`)) number++;
    return join(this.path, `finding-${number}.json`);
  }
}

export function readRecord(path: string): CampaignRecord {
  try {
    // Written by ourselves, in one piece.
    return JSON.parse(readFileSync(join(path, RECORD), 'utf8')) as CampaignRecord;
  } catch {
    throw new HarnessError('bad-input', `${path} holds no campaign to go on with`);
  }
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
  differs: v.array(v.string()),
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
