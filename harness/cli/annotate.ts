import { annotations } from '../report/annotations.ts';
import type { StoredCampaign } from '../report/campaign-record.ts';
import { tellOnStderr } from './context.ts';

export interface AnnotationFlags {
  readonly annotations?: boolean;
  readonly json?: boolean;
}

/**
 * Annotates a GitHub workflow, in one and wherever it is asked for. The runner reads both streams,
 * and stdout may belong to a document.
 */
export function tellAnnotations(
  campaigns: readonly StoredCampaign[],
  { annotations: isAsked = process.env['GITHUB_ACTIONS'] === 'true', json }: AnnotationFlags,
): void {
  if (!isAsked) return;
  for (const line of annotations(campaigns, process.cwd())) {
    if (json === true) tellOnStderr(line);
    else process.stdout.write(`${line}\n`);
  }
}
