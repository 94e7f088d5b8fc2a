import type { StoredCampaign } from './campaign-record.ts';
import { junitXml } from './junit.ts';
import { pageOf } from './page/page.ts';
import type { TraceOf } from './page/page.ts';
import { summaryMarkdown } from './summary.ts';

/** What a report folder has beside JSON, by name: all of it can be written again from that. */
export function reportFiles(
  campaigns: readonly StoredCampaign[],
  traceOf: TraceOf,
): Readonly<Record<string, string>> {
  return {
    'junit.xml': junitXml(campaigns),
    'report.html': pageOf(campaigns, traceOf),
    'summary.md': summaryMarkdown(campaigns),
  };
}
