import {
  givenParameters,
  MODULE_PARAMETERS,
  withParameters,
} from '../model/semantics/module-parameters.ts';
import type { ModuleParameter, ModuleParameters } from '../model/semantics/module-parameters.ts';
import type { Environment } from '../model/semantics/semantics.ts';
import { AT_FDCWD, OPEN_FLAGS } from './constants.ts';
import { HarnessError } from './errors.ts';
import type { ProgramBuilder } from './protocol/program.ts';

const PARAMETERS = '/sys/module/overlay/parameters';
const SLOT = 0;

export function fileOfParameter(name: ModuleParameter): string {
  return `${PARAMETERS}/${name}`;
}

/** From the parameters of one scenario to those of the next; none are what the machine has. */
export function changeParameters(
  program: ProgramBuilder,
  machine: Environment,
  from: ModuleParameters = {},
  to: ModuleParameters = {},
): void {
  const before = withParameters(machine, from);
  const after = withParameters(machine, to);
  for (const [name] of givenParameters({ ...from, ...to })) {
    const { [MODULE_PARAMETERS[name]]: value } = after;
    if (value !== before[MODULE_PARAMETERS[name]]) writeParameter(program, name, value);
  }
}

function writeParameter(program: ProgramBuilder, name: ModuleParameter, value: boolean): void {
  const path = { input: `${fileOfParameter(name)}\0` };
  program.call('openat', [AT_FDCWD, path, OPEN_FLAGS.O_WRONLY, 0], SLOT);
  program.call('write', [{ slot: SLOT }, { input: value ? 'Y' : 'N' }, 1]);
  program.close(SLOT);
}

/** The kernel of a machine that others use stays as it is. */
export function refuseForeign(parameters: ModuleParameters | undefined, isOurs: boolean): void {
  if (isOurs || parameters === undefined) return;
  const why = 'parameters of the overlay module are written in a VM of our own only';
  throw new HarnessError('unfit-kernel', `${why}: use --backend qemu or uml`);
}
