import { ERRNO } from '../model/errno.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import type { Environment } from '../model/semantics/semantics.ts';
import type { Connection } from './connect.ts';
import {
  AT_FDCWD,
  CLOCK_REALTIME,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_SHARINGS,
  PROTECTIONS,
  TIMESPEC_BYTES,
} from './constants.ts';
import { decode } from './decode.ts';
import { LoopDevices, needsDevices } from './devices.ts';
import { encode } from './encode.ts';
import type { EncodedScenario } from './encode.ts';
import { decodeMounts, encodeMounts } from './encode-mounts.ts';
import { HarnessError } from './errors.ts';
import { MAP_BYTES, mapAddress } from './guest.ts';
import type { Kernel } from './kernel.ts';
import { ProgramBuilder } from './protocol/program.ts';
import { ResultsReader } from './protocol/results.ts';

type Settings = Omit<Environment, 'writeImpliesRead' | 'fsVerity'>;

const PARAMETERS = '/sys/module/overlay/parameters';
/** Settings of a running kernel that the model asks for, by the file that holds each. */
const SETTINGS: Readonly<Record<keyof Settings, string>> = {
  protectedHardlinks: '/proc/sys/fs/protected_hardlinks',
  protectedSymlinks: '/proc/sys/fs/protected_symlinks',
  redirectAlwaysFollow: `${PARAMETERS}/redirect_always_follow`,
  redirectDirDefault: `${PARAMETERS}/redirect_dir`,
  indexDefault: `${PARAMETERS}/index`,
  nfsExportDefault: `${PARAMETERS}/nfs_export`,
  metacopyDefault: `${PARAMETERS}/metacopy`,
  xinoAutoDefault: `${PARAMETERS}/xino_auto`,
};
/** What a setting is where its file is not: a kernel protects no links unless it is told to. */
const FALLBACK: Environment = {
  ...USUAL_ENVIRONMENT,
  protectedHardlinks: false,
  protectedSymlinks: false,
};
const VERITY_SETTING = '/proc/sys/fs/verity/require_signatures';
const SETTING_BYTES = 16;
const SETTING_SLOT = 0;
const MS_PER_SEC = 1000;

/** A kernel that runs scenarios, behind the executor of a connection. */
export async function connectKernel(
  connection: Connection,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Kernel> {
  const execute = (program: Buffer): Promise<Buffer> =>
    withDeadline(connection.execute(program), timeoutMs);
  const environment = await readEnvironment(execute);
  const setsClock = await maySetClock(connection);
  const loops = new LoopDevices(execute, profileOfRelease(connection.release));
  return {
    release: connection.release,
    environment,
    async run(scenario) {
      const devices = needsDevices(scenario) ? await loops.for(scenario) : [];
      const encoded: EncodedScenario = encode(withEpilogue(scenario), {
        ...{ setsClock, devices, hasVerity: environment.fsVerity },
      });
      return decode(encoded, await execute(encoded.program));
    },
    async runPlain({ base, entries, steps }) {
      const scenario: Scenario = { base, layers: [], options: '', steps };
      const devices = needsDevices(scenario) ? await loops.for(scenario) : [];
      const encoded = encode(scenario, { setsClock, devices, plain: entries });
      return decode(encoded, await execute(encoded.program));
    },
    async mountEach(scenarios) {
      const encoded = encodeMounts(scenarios);
      return decodeMounts(encoded, await execute(encoded.program));
    },
  };
}

/** Whether the machine is ours, so that its clock may be set: the executor refuses elsewhere. */
export async function maySetClock(connection: Connection): Promise<boolean> {
  const now = Buffer.alloc(TIMESPEC_BYTES);
  now.writeBigInt64LE(BigInt(Math.floor(Date.now() / MS_PER_SEC)));
  const program = new ProgramBuilder();
  program.call('clock_settime', [CLOCK_REALTIME, { inout: now }]);
  return new ResultsReader(await connection.execute(program.finish())).call().value === 0;
}

async function readEnvironment(
  execute: (program: Buffer) => Promise<Buffer>,
): Promise<Environment> {
  const program = new ProgramBuilder();
  for (const file of Object.values(SETTINGS)) {
    program.call('openat', [AT_FDCWD, { input: `${file}\0` }, 0, 0], SETTING_SLOT);
    program.call('read', [{ slot: SETTING_SLOT }, { output: SETTING_BYTES }, SETTING_BYTES]);
    program.close(SETTING_SLOT);
  }
  const reader = new ResultsReader(await execute(program.finish()));
  const readSetting = (fallback: boolean): boolean => {
    const isThere = reader.call().value >= 0;
    const text = reader.call().outputs[0]?.toString('latin1').trim();
    reader.call();
    return isThere && text !== undefined ? text === '1' || text === 'Y' : fallback;
  };
  const settings = Object.keys(SETTINGS).map((name) => {
    // SETTINGS has exactly the keys of its type.
    return [name, readSetting(FALLBACK[name as keyof Settings])] as const;
  });
  const all = Object.fromEntries(settings) as Record<keyof Settings, boolean>;
  const writeImpliesRead = await mayReadWhatIsWritten(execute);
  return { ...all, writeImpliesRead, fsVerity: await hasVerity(execute) };
}

/** Its one setting is there if fs-verity is, at least in kernels of distributions. */
async function hasVerity(execute: (program: Buffer) => Promise<Buffer>): Promise<boolean> {
  const program = new ProgramBuilder();
  program.call('openat', [AT_FDCWD, { input: `${VERITY_SETTING}\0` }, 0, 0], SETTING_SLOT);
  program.close(SETTING_SLOT);
  return new ResultsReader(await execute(program.finish())).call().value >= 0;
}

/** A path in memory that is mapped for writing alone: it is empty, or the kernel cannot read it. */
async function mayReadWhatIsWritten(
  execute: (program: Buffer) => Promise<Buffer>,
): Promise<boolean> {
  const program = new ProgramBuilder();
  const flags = MAP_SHARINGS.MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS;
  program.call('mmap', [mapAddress(0), MAP_BYTES, PROTECTIONS.PROT_WRITE, flags, -1, 0]);
  program.call('openat', [AT_FDCWD, mapAddress(0), 0, 0]);
  program.call('munmap', [mapAddress(0), MAP_BYTES]);
  const reader = new ResultsReader(await execute(program.finish()));
  reader.call();
  return reader.call().value === -ERRNO.ENOENT;
}

/** Nothing waits for a kernel for ever: a hung one is for the machine's log to explain. */
async function withDeadline<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new HarnessError('timeout', `the kernel gave no answer within ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
