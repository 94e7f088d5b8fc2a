import { ERRNO } from '../model/errno.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import type { Environment } from '../model/semantics/semantics.ts';
import {
  AT_FDCWD,
  CLOCK_REALTIME,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_SHARINGS,
  PROTECTIONS,
  TIMESPEC_BYTES,
} from './constants.ts';
import { MAP_BYTES, mapAddress } from './guest.ts';
import { fileOfParameter } from './module-parameters.ts';
import { ProgramBuilder } from './protocol/program.ts';
import { ResultsReader } from './protocol/results.ts';

type Settings = Omit<Environment, 'writeImpliesRead' | keyof typeof PARTS>;

/** Settings of a running kernel that the model asks for, by the file that holds each. */
const SETTINGS: Readonly<Record<keyof Settings, string>> = {
  protectedHardlinks: '/proc/sys/fs/protected_hardlinks',
  protectedSymlinks: '/proc/sys/fs/protected_symlinks',
  redirectAlwaysFollow: fileOfParameter('redirect_always_follow'),
  redirectDirDefault: fileOfParameter('redirect_dir'),
  indexDefault: fileOfParameter('index'),
  nfsExportDefault: fileOfParameter('nfs_export'),
  metacopyDefault: fileOfParameter('metacopy'),
  xinoAutoDefault: fileOfParameter('xino_auto'),
};
/** What a setting is where its file is not: a kernel protects no links unless it is told to. */
const FALLBACK: Environment = {
  ...USUAL_ENVIRONMENT,
  protectedHardlinks: false,
  protectedSymlinks: false,
};
/** Parts that a kernel was built with or without, by a file that each of them brings. */
const PARTS = {
  fsVerity: '/proc/sys/fs/verity/require_signatures',
  largeFolios: '/sys/kernel/mm/transparent_hugepage/enabled',
} as const satisfies Partial<Record<keyof Environment, string>>;
const SETTING_BYTES = 16;
const SETTING_SLOT = 0;
const MS_PER_SEC = 1000;

export interface GuestAnswers {
  readonly environment: Environment;
  /** The machine is ours, so that its clock may be set: the executor refuses elsewhere. */
  readonly setsClock: boolean;
}

/** Adds the calls that ask something; what it returns reads the answer from their results. */
type Question<T> = (program: ProgramBuilder) => (results: ResultsReader) => T;

/** Asks a guest for all that has to be known of it before anything runs, in one go. */
export async function askGuest(
  execute: (program: Buffer) => Promise<Buffer>,
): Promise<GuestAnswers> {
  const program = new ProgramBuilder();
  const settings = askForSettings(program);
  const fsVerity = askForPart(program, PARTS.fsVerity);
  const largeFolios = askForPart(program, PARTS.largeFolios);
  const writeImpliesRead = askToReadWhatIsWritten(program);
  const setsClock = askToSetClock(program);
  const results = new ResultsReader(await execute(program.finish()));
  // In the order in which they were asked.
  return {
    environment: {
      ...settings(results),
      fsVerity: fsVerity(results),
      largeFolios: largeFolios(results),
      writeImpliesRead: writeImpliesRead(results),
    },
    setsClock: setsClock(results),
  };
}

const askForSettings: Question<Settings> = (program) => {
  for (const file of Object.values(SETTINGS)) {
    program.call('openat', [AT_FDCWD, { input: `${file}\0` }, 0, 0], SETTING_SLOT);
    program.call('read', [{ slot: SETTING_SLOT }, { output: SETTING_BYTES }, SETTING_BYTES]);
    program.close(SETTING_SLOT);
  }
  return (results) => {
    const settings = Object.keys(SETTINGS).map((name) => {
      // SETTINGS has exactly the keys of its type.
      return [name, readSetting(results, FALLBACK[name as keyof Settings])] as const;
    });
    return Object.fromEntries(settings) as Record<keyof Settings, boolean>;
  };
};

function readSetting(results: ResultsReader, fallback: boolean): boolean {
  const isThere = results.call().value >= 0;
  const text = results.call().outputs[0]?.toString('latin1').trim();
  results.call();
  return isThere && text !== undefined ? text === '1' || text === 'Y' : fallback;
}

function askForPart(program: ProgramBuilder, file: string): ReturnType<Question<boolean>> {
  program.call('openat', [AT_FDCWD, { input: `${file}\0` }, 0, 0], SETTING_SLOT);
  program.close(SETTING_SLOT);
  return (results) => {
    const isThere = results.call().value >= 0;
    results.call();
    return isThere;
  };
}

/** A path in memory that is mapped for writing alone: it is empty, or the kernel cannot read it. */
const askToReadWhatIsWritten: Question<boolean> = (program) => {
  const flags = MAP_SHARINGS.MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS;
  program.call('mmap', [mapAddress(0), MAP_BYTES, PROTECTIONS.PROT_WRITE, flags, -1, 0]);
  program.call('openat', [AT_FDCWD, mapAddress(0), 0, 0]);
  program.call('munmap', [mapAddress(0), MAP_BYTES]);
  return (results) => {
    results.call();
    const isEmpty = results.call().value === -ERRNO.ENOENT;
    results.call();
    return isEmpty;
  };
};

const askToSetClock: Question<boolean> = (program) => {
  const now = Buffer.alloc(TIMESPEC_BYTES);
  now.writeBigInt64LE(BigInt(Math.floor(Date.now() / MS_PER_SEC)));
  program.call('clock_settime', [CLOCK_REALTIME, { inout: now }]);
  return (results) => results.call().value === 0;
};
