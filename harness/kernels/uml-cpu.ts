import { readFile } from 'node:fs/promises';
import { compareVersions } from './versions.ts';

/** From this version on UML asks the host how large a CPU's registers are. */
const FIRST_WITH_LARGE_REGISTERS = '6.13';

/** Older UML has room for the registers of older CPUs only, and dies when it starts init. */
export function whyNotOnCpu(version: string, cpuinfo: string): string | null {
  const isLarge = /^flags\s*:.*\bamx_tile\b/m.test(cpuinfo);
  if (!isLarge || compareVersions(version, FIRST_WITH_LARGE_REGISTERS) >= 0) return null;
  const first = FIRST_WITH_LARGE_REGISTERS;
  return `UML ${version} cannot save the registers of a CPU with AMX (${first} and later can)`;
}

/** Why this machine cannot run UML of a version, or null when it can. */
export async function whyNotHere(version: string): Promise<string | null> {
  return whyNotOnCpu(version, await readFile('/proc/cpuinfo', 'utf8'));
}
