import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dir as makeDir } from 'tmp';
import { HarnessError } from './errors.ts';
import { startTimeOf } from './process.ts';

/** Says in a scratch folder whose it is; the processes beside it are in files of their own. */
export const OWNER_FILE = 'owner';
const PROCESS_FILE = /^process-(\d+)$/;

/** A process, told apart from a later one with the same number by when it started. */
export interface ProcessId {
  readonly pid: number;
  readonly startTime: string;
}

/** A folder of ours that nobody else can read, removed with all in it when it is disposed. */
export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
  /** Notes a process that must not outlive the folder's owner. */
  readonly noteProcess: (pid: number) => Promise<void>;
}

/** Where all scratch folders of this user are. */
export function scratchRoot(): string {
  return join(tmpdir(), `ovlcheck-${process.getuid?.() ?? 0}`);
}

export async function makeScratchFolder(): Promise<ScratchFolder> {
  const root = scratchRoot();
  await mkdir(root, { mode: 0o700 }).catch(() => undefined);
  await refuseForeign(root);
  const path = await makeIn(root);
  await writeFile(join(path, OWNER_FILE), formatProcess(process.pid));
  return {
    path,
    noteProcess: (pid) => writeFile(join(path, `process-${pid}`), formatProcess(pid)),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** The temporary folder is everybody's: somebody else's folder or symlink there is a trap. */
async function refuseForeign(root: string): Promise<void> {
  const found = await lstat(root).catch(() => null);
  const isOurs = found?.isDirectory() === true && found.uid === (process.getuid?.() ?? found.uid);
  if (!isOurs) throw new HarnessError('unavailable', `${root} is not a folder of this user`);
}

function makeIn(root: string): Promise<string> {
  return new Promise((resolve, reject) => {
    makeDir(
      { tmpdir: root, template: `${process.pid}-XXXXXX`, mode: 0o700, keep: true },
      (error, path) => {
        if (error === null) resolve(path);
        else reject(error);
      },
    );
  });
}

function formatProcess(pid: number): string {
  return `${pid} ${startTimeOf(pid) ?? 'gone'}\n`;
}

/** Reads an owner or process file; null when it is not one (yet). */
async function readProcess(file: string): Promise<ProcessId | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [pid, startTime] = text.trim().split(' ');
  if (pid === undefined || !/^\d+$/.test(pid) || startTime === undefined) return null;
  return { pid: Number(pid), startTime };
}

export function isAlive(id: ProcessId): boolean {
  return startTimeOf(id.pid) === id.startTime;
}

/** What a scratch folder says about itself. */
export interface ScratchRecord {
  readonly path: string;
  readonly owner: ProcessId | null;
  readonly processes: readonly ProcessId[];
}

export async function listScratchFolders(): Promise<readonly ScratchRecord[]> {
  const root = scratchRoot();
  const names = await readdir(root).catch(() => []);
  return Promise.all(names.map((name) => readScratchFolder(join(root, name))));
}

async function readScratchFolder(path: string): Promise<ScratchRecord> {
  const names = await readdir(path).catch(() => []);
  const files = names.filter((name) => PROCESS_FILE.test(name)).map((name) => join(path, name));
  const processes = await Promise.all(files.map(readProcess));
  return {
    path,
    owner: await readProcess(join(path, OWNER_FILE)),
    processes: processes.filter((id) => id !== null),
  };
}
