import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import type { MountView } from '../model/observation.ts';
import type { Observation } from '../model/prediction.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { askGuest } from './ask-guest.ts';
import { exitOf, isKernelTrouble } from './campaign-guest.ts';
import type { Guest } from './campaign-guest.ts';
import type { Connection } from './connect.ts';
import { decode } from './decode.ts';
import { LoopDevices, needsDevices, refuseToFail } from './devices.ts';
import { encode } from './encode.ts';
import type { EncodedScenario } from './encode.ts';
import { decodeMounts, encodeMounts } from './encode-mounts.ts';
import { HarnessError } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { titleOf } from './kernel-trouble.ts';
import { refuseForeign } from './module-parameters.ts';
import { refuseToLose } from './lost-machine.ts';
import { refuseToServe } from './nfs-recipes.ts';

/** What tells how a machine ends. */
type Ending = Pick<Guest, 'exited'>;

/** How long a machine that is gone may take to say why. */
const EXIT_WAIT_MS = 5000;

/** A kernel that runs scenarios, behind the executor of a connection. */
export async function connectKernel(
  connection: Connection,
  { timeoutMs, machine }: { readonly timeoutMs: number; readonly machine?: Ending },
): Promise<Kernel> {
  const execute = async (program: Buffer): Promise<Buffer> => {
    try {
      return await withDeadline(connection.execute(program), timeoutMs);
    } catch (error) {
      throw (await whyLost(error, machine)) ?? error;
    }
  };
  const { environment, setsClock } = await askGuest(execute);
  const loops = new LoopDevices(execute, profileOfRelease(connection.release));
  return {
    release: connection.release,
    environment,
    async run(scenario) {
      refuseForeign(scenario.parameters, setsClock);
      refuseToFail(scenario, setsClock);
      refuseToServe(scenario, setsClock);
      if (!setsClock) refuseToLose(scenario, { release: connection.release, environment });
      const devices = needsDevices(scenario) ? await loops.for(scenario) : [];
      const encoded: EncodedScenario = encode(withEpilogue(scenario), {
        ...{ setsClock, devices, machine: environment },
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
      for (const { parameters } of scenarios) refuseForeign(parameters, setsClock);
      const observed = new Map<Scenario, Observation<MountView>>();
      for (const alike of Object.values(Object.groupBy(scenarios, basesKey))) {
        const [first] = alike ?? [];
        if (alike === undefined || first === undefined) continue;
        const devices = needsDevices(first) ? await loops.for(first) : [];
        const encoded = encodeMounts(alike, environment, devices);
        const views = decodeMounts(encoded, await execute(encoded.program));
        for (const [index, view] of views.entries()) {
          const scenario = alike[index];
          if (scenario !== undefined) observed.set(scenario, view);
        }
      }
      return scenarios.flatMap((scenario) => observed.get(scenario) ?? []);
    },
  };
}

/** The kernel's own word on why its channel ended: the cause of an error. */
async function whyLost(error: unknown, machine: Ending | undefined): Promise<HarnessError | null> {
  if (!(error instanceof HarnessError) || error.reason !== 'lost' || machine === undefined) {
    return null;
  }
  const exit = await exitOf(machine, EXIT_WAIT_MS);
  if (!isKernelTrouble(exit)) return null;
  return new HarnessError('lost', titleOf(exit.report), { cause: exit });
}

/** What the layers of a mount are on: those alike can be on the same. */
function basesKey({ base, otherBases = [], layers }: Scenario): string {
  if (base === 'tmpfs' && otherBases.length === 0) return base;
  const places = layers.map(({ role, on = 0 }) => `${role} ${on}`);
  return [base, ...otherBases, ...places].join();
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
