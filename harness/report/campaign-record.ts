import type { ModuleParameters } from '../../model/semantics/module-parameters.ts';
import type { TallyRecord } from '../campaign-tally.ts';
import type { FindingRecord, RunDocument } from './document.ts';

/** What a campaign was asked to do and what it did, kept so that it can go on. */
export interface CampaignRecord {
  readonly property: string;
  readonly semantics?: string;
  readonly seed: number;
  readonly options: string;
  readonly base: string;
  readonly parameters?: ModuleParameters;
  readonly userns?: true;
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

/** A campaign as its report folder has it. */
export interface StoredCampaign {
  readonly record: CampaignRecord;
  readonly result: RunDocument;
}

/** Where it ran, for people. */
export function placeOf({ record, result }: StoredCampaign): string {
  const [kernel] = result.kernels;
  const release = record.release ?? record.kernel;
  return `${release} (${kernel?.backend ?? 'not started'})`;
}

/** Never seen again: no proof of anything. */
export function isCertainRecord({ reproduced }: FindingRecord): boolean {
  return reproduced.times > 0;
}
