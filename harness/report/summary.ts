import { placeOf } from './campaign-record.ts';
import type { StoredCampaign } from './campaign-record.ts';
import type { FindingRecord } from './document.ts';

/** Campaigns as Markdown, such as the summary of a GitHub job shows it. */
export function summaryMarkdown(campaigns: readonly StoredCampaign[]): string {
  const rows = campaigns.map((campaign) => {
    const { record, result } = campaign;
    const { scenarios, steps, known } = record.tally;
    const cells = [placeOf(campaign), record.property, record.base, record.options, scenarios];
    return [...cells, steps, record.findings.length, known, result.verdict];
  });
  const heads = ['kernel', 'property', 'base', 'options', 'scenarios', 'steps', 'findings'];
  const table = [[...heads, 'known', 'verdict'], Array<string>(9).fill('---'), ...rows];
  const lines = table.map((cells) => `| ${cells.map((cell) => plain(String(cell))).join(' | ')} |`);
  const troubles = campaigns.flatMap(({ result }) => result.trouble ?? []);
  return [
    ...['## ovlcheck', '', ...lines, ''],
    ...troubles.flatMap((trouble) => [`No answer: ${plain(trouble)}`, '']),
    ...campaigns.flatMap(({ record }) => record.findings.flatMap(findingLines)),
  ].join('\n');
}

function findingLines({ cause, text }: FindingRecord): readonly string[] {
  // Longer than any in the text, so that nothing in it ends the block.
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [`### ${plain(cause)}`, '', `${fence}text`, text.trimEnd(), fence, ''];
}

/** Names are arbitrary: what means something in Markdown or HTML is shown instead. */
function plain(text: string): string {
  if (text === '---') return text;
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>&|#~]/g, (char) => `\\${char}`);
}
