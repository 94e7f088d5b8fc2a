import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, KnownDisagreement } from '../campaign-plan.ts';
import type { TallyRecord } from '../campaign-tally.ts';
import { findingText } from '../report/text.ts';
import { parseScenario } from '../scenario-file.ts';
import * as v from 'valibot';
import { HarnessError } from '../errors.ts';

const TALLY = 'campaign.json';

/** What a campaign was asked to do, kept so that it can go on. */
export interface CampaignRecord {
  readonly seed: number;
  readonly options: string;
  readonly stepsMax: number;
  readonly kernel: string;
  readonly tally: TallyRecord;
}

/** The folder of a campaign: what it found, and how far it got. */
export class ReportDir {
  readonly path: string;
  #findings = 0;

  constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true });
    this.#findings = readdirSync(path).filter((name) => name.endsWith('.txt')).length;
  }

  /** Stores a finding; returns where its scenario is. */
  finding(finding: Finding): string {
    const name = join(this.path, `finding-${++this.#findings}`);
    writeWhole(`${name}.json`, `${JSON.stringify(finding.scenario, null, 1)}\n`);
    writeWhole(`${name}.txt`, findingText(finding));
    return `${name}.json`;
  }

  record(record: CampaignRecord): void {
    writeWhole(join(this.path, TALLY), `${JSON.stringify(record)}\n`);
  }

  result(document: unknown): void {
    writeWhole(join(this.path, 'result.json'), `${JSON.stringify(document, null, 1)}\n`);
  }
}

export function readRecord(path: string): CampaignRecord {
  try {
    // Written by ourselves, in one piece.
    return JSON.parse(readFileSync(join(path, TALLY), 'utf8')) as CampaignRecord;
  } catch {
    throw new HarnessError('bad-input', `${path} holds no campaign to go on with`);
  }
}

/** The newest campaign below a folder of reports; null when there is none. */
export function newestRecord(reports: string): CampaignRecord | null {
  const names = listFolder(reports).toSorted().toReversed();
  for (const name of names) {
    try {
      return readRecord(join(reports, name));
    } catch {
      // A folder of something else, or of a campaign that had no time to write.
    }
  }
  return null;
}

const disagreement = v.object({
  kernels: v.array(v.string()),
  reason: v.string(),
  cause: v.string(),
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

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** A reader never sees half a file. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.partial`, text);
  renameSync(`${path}.partial`, path);
}
