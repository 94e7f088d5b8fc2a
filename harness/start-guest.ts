import { borrowedProfile } from '../model/semantics/resolve.ts';
import { chooseBackend } from './backends/index.ts';
import type { BackendChoice } from './backends/index.ts';
import type { Guest, StartGuest } from './campaign-guest.ts';
import type { BackendName, Machine } from './backend.ts';
import { connect } from './connect.ts';
import type { Connection } from './connect.ts';
import { connectKernel } from './connect-kernel.ts';
import { modulesFor } from './devices.ts';
import type { Needs } from './devices.ts';
import { HarnessError } from './errors.ts';
import { buildExecutor } from './executor/build.ts';
import { buildPatched, patchedKernel } from './mutants/patches.ts';
import type { FunctionTally } from './function-tally.ts';
import type { KernelImage, ModuleFiles } from './kernels/image.ts';
import { readModule, releaseOfModule } from './kernels/modules.ts';
import { probe } from './probe.ts';
import { unloadOverlay } from './unload.ts';
import { newestUml, resolveKernel } from './kernels/resolve.ts';
import type { ResolveOptions } from './kernels/resolve.ts';

/** How long the executor may take to answer one program, on a slow emulated machine. */
const PROGRAM_TIMEOUT_MS = 120_000;
const HANDSHAKE_TIMEOUT_MS = 30_000;

/** The kernel that a backend runs when none is asked for; of UML the newest that runs here. */
export const USUAL_KERNELS = {
  qemu: '6.12',
  uml: null,
  namespace: 'host',
} as const satisfies Record<BackendName, string | null>;

export interface GuestWish extends Needs {
  readonly kernel?: string | undefined;
  readonly backend?: string | undefined;
  readonly modulesDir?: string | undefined;
  readonly mirror?: string | undefined;
  readonly coldBoot?: boolean;
  /** An overlay.ko that takes the place of the kernel's own. */
  readonly module?: string | undefined;
  /** Is told which functions of overlayfs ran. */
  readonly functions?: FunctionTally | undefined;
  readonly cacheDir: string;
  /** Whether it must do what its profile says; not where it is held against another. */
  readonly isProbed?: boolean;
  /** Is told of what takes a while. */
  readonly note?: (text: string) => void;
}

/** Everything that is needed to start machines of one kernel. */
export interface GuestSource {
  readonly choice: BackendChoice;
  readonly image: KernelImage;
  readonly start: StartGuest;
  /** A machine with a bare connection, for who measures what we add to it. */
  open(signal: AbortSignal): Promise<OpenMachine>;
}

export interface OpenMachine {
  readonly machine: Machine;
  readonly connection: Connection;
}

/** Chooses a backend, finds the kernel, builds the executor. No machine is started yet. */
export async function prepareGuests(wish: GuestWish): Promise<GuestSource> {
  const { cacheDir, coldBoot = false, modulesDir, mirror, note, isProbed = true } = wish;
  // The running kernel has no image: asking for it means to run on it.
  const wanted = wish.backend ?? (wish.kernel === 'host' ? 'namespace' : undefined);
  const chosen = await chooseBackend(wanted);
  if (wish.functions !== undefined && chosen.backend.name === 'namespace') {
    const why = '--trace-functions sets probes in a kernel of our own only';
    throw new HarnessError('bad-input', `${why}: use --backend qemu`);
  }
  const asked = wish.kernel ?? USUAL_KERNELS[chosen.backend.name];
  const patched = asked === null ? null : patchedKernel(asked);
  const kernel = patched?.kernel ?? asked;
  const options: ResolveOptions = {
    cacheDir,
    backend: chosen.backend.name,
    ...(mirror === undefined ? {} : { mirror }),
    ...(modulesDir === undefined ? {} : { modulesDir }),
    ...(note === undefined ? {} : { note }),
  };
  const [resolved, executorPath] = await Promise.all([
    kernel === null ? newestUml(options) : resolveKernel(kernel, options),
    buildExecutor(cacheDir),
  ]);
  const image = asked === null ? resolved : { ...resolved, asked };
  const borrowed = borrowedProfile(image.release);
  if (borrowed !== null) note?.(borrowed);
  const reason =
    kernel === null ? `; UML ${image.release} is the newest that runs on this CPU` : '';
  const choice = { ...chosen, because: `${chosen.because}${reason}` };
  const modules = modulesFor(wish);
  const module = patched === null ? wish.module : await buildPatched(patched, image, options);
  const moduleFiles = await replacementFor(module, chosen.backend.name, image.release);
  const request = { kernel: image, executorPath, cacheDir, coldBoot, modules, moduleFiles };
  const open = async (signal: AbortSignal, isCold = false): Promise<OpenMachine> => {
    const asked = isCold ? { ...request, coldBoot: true } : request;
    const machine = await choice.backend.boot(asked, signal);
    try {
      const connection = await connect(machine.channel, {
        timeoutMs: HANDSHAKE_TIMEOUT_MS,
        packsPrograms: machine.packsPrograms === true,
      });
      return { machine, connection };
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  };
  let probed: Promise<void> | null = null;
  const start: StartGuest = async (signal, how) => {
    const { machine, connection } = await open(signal, how?.isCold);
    try {
      const kernel = await connectKernel(connection, { timeoutMs: PROGRAM_TIMEOUT_MS, machine });
      // One machine of a kernel answers for the others.
      if (isProbed) probed ??= probe(kernel);
      await probed;
      const readFunctions = await wish.functions?.follow(connection);
      const dispose = async (): Promise<void> => {
        await readFunctions?.();
        await machine[Symbol.asyncDispose]();
      };
      const about = aboutGuest({ machine, connection }, chosen.backend.name, wish);
      return { kernel, ...about, [Symbol.asyncDispose]: dispose };
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  };
  return { choice, image, open, start };
}

/** The host's own module is not taken out, and neither is one whose functions are counted. */
function aboutGuest(
  { machine, connection }: OpenMachine,
  name: BackendName,
  { functions }: Pick<GuestWish, 'functions'>,
): Omit<Guest, 'kernel' | typeof Symbol.asyncDispose> {
  const { backend, how, bootMs, exited } = machine;
  const isShared = name === 'namespace';
  const canUnload = !isShared && functions === undefined;
  const unload = (): Promise<void> => unloadOverlay(connection);
  const { setUpMs } = connection;
  return { backend, isShared, how, bootMs, setUpMs, exited, ...(canUnload ? { unload } : {}) };
}

/** A module of another kernel would only be refused by a machine that then says nothing. */
async function replacementFor(
  file: string | undefined,
  backend: BackendName,
  release: string,
): Promise<ModuleFiles> {
  if (file === undefined) return new Map();
  if (backend === 'namespace') {
    throw new HarnessError('bad-input', '--module needs a machine: --backend qemu');
  }
  const bytes = await readModule(file).catch(() => null);
  if (bytes === null) throw new HarnessError('bad-input', `cannot read ${file}`);
  const built = releaseOfModule(bytes);
  if (built === release) return new Map([['overlay', file]]);
  throw new HarnessError('unfit-kernel', `${file} is for ${built ?? 'no kernel'}, not ${release}`);
}
