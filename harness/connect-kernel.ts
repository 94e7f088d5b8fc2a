import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { askGuest } from './ask-guest.ts';
import type { Connection } from './connect.ts';
import { decode } from './decode.ts';
import { LoopDevices, needsDevices } from './devices.ts';
import { encode } from './encode.ts';
import type { EncodedScenario } from './encode.ts';
import { decodeMounts, encodeMounts } from './encode-mounts.ts';
import { HarnessError } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { refuseForeign } from './module-parameters.ts';

/** A kernel that runs scenarios, behind the executor of a connection. */
export async function connectKernel(
  connection: Connection,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Kernel> {
  const execute = (program: Buffer): Promise<Buffer> =>
    withDeadline(connection.execute(program), timeoutMs);
  const { environment, setsClock } = await askGuest(execute);
  const loops = new LoopDevices(execute, profileOfRelease(connection.release));
  return {
    release: connection.release,
    environment,
    async run(scenario) {
      refuseForeign(scenario.parameters, setsClock);
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
      const encoded = encodeMounts(scenarios, environment);
      return decodeMounts(encoded, await execute(encoded.program));
    },
  };
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
