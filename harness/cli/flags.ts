import { Option } from 'commander';
import type { Command } from 'commander';
import { BASE_TYPES } from '../../model/bases.ts';
import type { BaseType } from '../../model/bases.ts';
import { ANY_BASE, basesOf } from '../../properties/bases.ts';
import { HarnessError } from '../errors.ts';
import { USUAL_KERNELS } from '../start-guest.ts';
import type { GuestWish } from '../start-guest.ts';
import { CACHE_DIR } from './context.ts';
import type { KernelFlags } from './context.ts';

/** Sets the exit status of a command. A handle that somebody forgot must not keep us alive. */
export function exitWith(status: number): void {
  process.exitCode = status;
}

const USUAL = `else ${USUAL_KERNELS.qemu}, or what the backend runs here`;

/** The flags of a command that runs a kernel: KernelFlags. */
export function withKernel(command: Command): Command {
  return withMachine(
    command.option('--kernel <SPEC>', `version prefix, host, image or build tree (${USUAL})`),
  );
}

/** The same for a command that has a list of kernels. */
export function withMachine(command: Command): Command {
  return command
    .addOption(
      new Option('--backend <NAME>', 'where it runs').choices(['qemu', 'uml', 'namespace']),
    )
    .option('--modules <DIR>', 'modules of a kernel image')
    .option('--module <FILE>', "an overlay.ko in the place of the kernel's own")
    .option('--mirror <ADDRESS>', "Debian mirror instead of this machine's own")
    .option('--cold-boot', 'boot even where a saved machine could be restored');
}

/** The flag of a command that can hold a kernel against another profile than its own. */
export function withSemantics(command: Command): Command {
  return command.option(
    '--semantics <NAME>',
    'what the kernel is held against: another version, or a proposal',
  );
}

/** A span of time in milliseconds. */
export function span(text: string): number {
  const match = /^(\d+)(s|m|h)$/.exec(text);
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? ''];
  if (match === null || unitMs === undefined) {
    throw new HarnessError('bad-input', '--time takes a span such as 60s, 10m or 2h');
  }
  return Number(match[1]) * unitMs;
}

/** A share of the scenarios, which are dealt in turn. */
export function shard(text: string): { readonly index: number; readonly of: number } {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const share = { index: Number(index) - 1, of: Number(of) };
  if (share.index >= 0 && share.index < share.of) return share;
  throw new HarnessError('bad-input', '--shard takes I/N with I from 1 to N');
}

/** How many of the first so many scenarios are one share's; all shares together have them all. */
export function shareOf(
  scenarios: number,
  { index, of }: { readonly index: number; readonly of: number },
): number {
  return Math.max(0, Math.ceil((scenarios - index) / of));
}

/** What such flags ask of a machine. */
export function wishOf(flags: KernelFlags): GuestWish {
  return {
    kernel: flags.kernel,
    backend: flags.backend,
    modulesDir: flags.modules,
    mirror: flags.mirror,
    coldBoot: flags.coldBoot === true,
    module: flags.module,
    cacheDir: CACHE_DIR,
  };
}

/** The file systems that `--base` asks for. */
export function basesAsked(base: string): readonly BaseType[] {
  return base === ANY_BASE ? BASE_TYPES : (basesOf(base) ?? []);
}

/** Refuses what names no file systems. */
export function checkBase(base: string): void {
  if (base === ANY_BASE || basesOf(base) !== null) return;
  const types = BASE_TYPES.join(', ');
  throw new HarnessError('bad-input', `--base takes ${ANY_BASE}, or a list of: ${types}`);
}
