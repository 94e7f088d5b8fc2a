import type { StoredCampaign } from './campaign-record.ts';
import { junitXml } from './junit.ts';

/** What a report folder has beside JSON, by name: all of it can be written again from that. */
export function reportFiles(
  campaigns: readonly StoredCampaign[],
): Readonly<Record<string, string>> {
  return { 'junit.xml': junitXml(campaigns) };
}
