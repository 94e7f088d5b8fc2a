import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { HarnessError } from './errors.ts';

/** A linker writes in pieces, and others change what it wrote. */
const QUIET_MS = 700;

export interface BuildWatch extends Disposable {
  /** Resolves when the files are others than when it was asked last. Rejects when told to stop. */
  readonly rebuilt: () => Promise<void>;
}

/** Watches files that a build makes, from now on: until nobody has touched them for a while. */
export async function watchBuild(
  files: readonly string[],
  signal: AbortSignal,
): Promise<BuildWatch> {
  const stopped = Promise.withResolvers<never>();
  // Nobody may be waiting.
  stopped.promise.catch(() => undefined);
  const onAbort = (): void => {
    stopped.reject(new HarnessError('aborted', 'told to stop watching'));
  };
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  let touched = Promise.withResolvers<true>();
  // Folders, as a file that is replaced is another one.
  const watchers = [...new Set(files.map((file) => dirname(file)))].map((folder) =>
    watch(folder, () => {
      touched.resolve(true);
    }).on('error', stopped.reject),
  );
  let known = await fingerprintOf(files);
  return {
    async rebuilt() {
      for (;;) {
        let isBusy: boolean = await Promise.race([touched.promise, stopped.promise]);
        while (isBusy) {
          touched = Promise.withResolvers();
          const quiet = setTimeout(QUIET_MS, false);
          isBusy = await Promise.race([touched.promise, stopped.promise, quiet]);
        }
        const now = await fingerprintOf(files);
        if (now === null || now === known) continue;
        known = now;
        return;
      }
    },
    [Symbol.dispose]() {
      signal.removeEventListener('abort', onAbort);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** Null while one of them is not there. */
async function fingerprintOf(files: readonly string[]): Promise<string | null> {
  const found = await Promise.all(files.map((file) => stat(file).catch(() => null)));
  if (found.includes(null)) return null;
  return found.map((each) => `${each?.ino} ${each?.size} ${each?.mtimeMs}`).join('\n');
}
