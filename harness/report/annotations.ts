import { isAbsolute, relative } from 'node:path';
import { isCertainRecord, placeOf } from './campaign-record.ts';
import type { StoredCampaign } from './campaign-record.ts';

/** GitHub cuts what is longer. */
const MESSAGE_CHARACTERS_MAX = 4000;

/**
 * Campaigns as commands of a GitHub workflow, which shows them beside the change: an error for each
 * finding and for what kept a campaign from an answer, a warning for what was never seen again.
 */
export function annotations(campaigns: readonly StoredCampaign[], root: string): readonly string[] {
  return campaigns.flatMap((campaign) => {
    const { record, result } = campaign;
    const place = placeOf(campaign);
    const found = record.findings.map((finding) =>
      command(isCertainRecord(finding) ? 'error' : 'warning', {
        file: fileFrom(root, finding.file),
        title: `${place}: ${finding.cause}`,
        message: finding.text,
      }),
    );
    if (result.trouble === null) return found;
    const title = `${place}: no answer`;
    return [...found, command('error', { title, message: result.trouble })];
  });
}

interface Annotation {
  readonly file?: string;
  readonly title: string;
  readonly message: string;
}

function command(level: 'error' | 'warning', { file, title, message }: Annotation): string {
  const properties = [...(file === undefined ? [] : [`file=${property(file)}`])];
  properties.push(`title=${property(title)}`);
  return `::${level} ${properties.join(',')}::${data(message.slice(0, MESSAGE_CHARACTERS_MAX))}`;
}

/** Only what lies below the root of a checkout can be shown there. */
function fileFrom(root: string, file: string): string {
  const path = isAbsolute(file) ? relative(root, file) : file;
  return path.startsWith('..') ? file : path;
}

/** A line of the runner's is a command: nothing in a message may end the line or begin another. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
