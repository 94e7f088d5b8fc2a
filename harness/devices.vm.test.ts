import { expect, test } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { DEFAULT_OPTIONS } from '../properties/scenarios.ts';
import { connect } from './connect.ts';
import { decode } from './decode.ts';
import { LoopDevices } from './devices.ts';
import { encode } from './encode.ts';
import { startBareExecutor } from './executor/bare-executor.ts';

const TIMEOUT_MS = 10_000;

function withLower(path: string): Scenario {
  return {
    base: 'tmpfs',
    otherBases: ['tmpfs', 'ext4'],
    layers: [
      { role: 'upper', entries: [] },
      { role: 'lower', on: 2, entries: [{ path, type: 'dir' }] },
    ],
    options: DEFAULT_OPTIONS,
    steps: [],
  };
}

test('each scenario finds the file systems on its devices empty', async () => {
  await using executor = await startBareExecutor(['--namespace']);
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const semantics = profileOfRelease(connection.release);
  const loops = new LoopDevices((program) => connection.execute(program), semantics);
  for (const path of ['a', 'b']) {
    const scenario = withLower(path);
    const devices = await loops.for(scenario);
    expect(devices.map((device) => device?.image.type)).toEqual([undefined, undefined, 'ext4']);
    const encoded = encode(scenario, { devices });
    const [mounted] = decode(encoded, await connection.execute(encoded.program));
    expect(mounted?.result.ok).toBe(true);
    const onDevice = [...(mounted?.base?.keys() ?? [])].filter((at) => at.startsWith('f2'));
    expect(onDevice.sort()).toEqual(['f2', 'f2/l0', `f2/l0/${path}`]);
  }
});
