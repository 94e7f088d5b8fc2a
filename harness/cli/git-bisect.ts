import { HarnessError } from '../errors.ts';
import { EXIT, tellOnStderr } from './context.ts';
import { readScenario, replay } from './replay.ts';
import type { ReplayFlags } from './replay.ts';

/** As git-bisect(1) has them: it cannot be told; and what is wrong is no matter of the revision. */
const GIT = { skip: 125, stop: 128 } as const;

/** Replay with the exit statuses that `git bisect run` takes for answers. */
export async function replayForGit(files: readonly string[], flags: ReplayFlags): Promise<number> {
  try {
    for (const file of files) readScenario(file);
    return await replay(files, flags);
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    tellOnStderr(`ovlcheck: ${error.message}`);
    return statusOf(error);
  }
}

function statusOf({ reason }: HarnessError): number {
  switch (reason) {
    case 'aborted':
      return EXIT.interrupted;
    case 'bad-input':
    case 'unavailable':
    case 'disk-full':
      return GIT.stop;
    default:
      return GIT.skip;
  }
}
