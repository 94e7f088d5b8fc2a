import { resolve } from 'node:path';
import { profileNamed, profileNames } from '../../model/semantics/resolve.ts';
import type { Semantics } from '../../model/semantics/semantics.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { lockstepWith } from '../../properties/lockstep.ts';
import { writebackWith } from '../../properties/writeback.ts';
import type { Property } from '../../properties/property.ts';
import type { CampaignEnd } from '../campaign.ts';
import { HARNESS_REASONS, HarnessError } from '../errors.ts';
import { proposalFor } from '../mutants/patches.ts';
import type { BackendName } from '../backend.ts';

/** Exit statuses, as scripts rely on them. */
export const EXIT = {
  holds: 0,
  differs: 1,
  usage: 2,
  machine: 3,
  inconclusive: 4,
  interrupted: 130,
} as const;

const ROOT = resolve(import.meta.dirname, '../..');

/** Where everything that is fetched, built or saved is kept. */
export const CACHE_DIR = resolve(ROOT, 'ci/cache');
export const REPORTS_DIR = resolve(ROOT, 'ci/reports');
export const FIXTURES_DIR = resolve(ROOT, 'fixtures');

/** What every command that runs a kernel is told. */
export interface KernelFlags {
  readonly kernel?: string;
  readonly backend?: BackendName;
  readonly modules?: string;
  readonly mirror?: string;
  readonly coldBoot?: boolean;
  readonly module?: string;
}

export function exitOfError(error: HarnessError): number {
  if (error.reason === 'aborted') return EXIT.interrupted;
  const whose = HARNESS_REASONS[error.reason];
  return { usage: EXIT.usage, machine: EXIT.machine, trouble: EXIT.inconclusive }[whose];
}

export function exitOfEnd({ verdict, trouble, isInterrupted }: CampaignEnd): number {
  if (isInterrupted) return EXIT.interrupted;
  if (verdict === 'differs' || verdict === 'kernel-finding') return EXIT.differs;
  if (verdict === 'holds') return EXIT.holds;
  return trouble === null ? EXIT.inconclusive : exitOfError(trouble);
}

/** Tells of what takes a while, where stdout belongs to the result. */
export function tellOnStderr(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Properties that are about semantics. */
const OF_SEMANTICS: Readonly<Partial<Record<string, typeof lockstepWith>>> = {
  lockstep: lockstepWith,
  writeback: writebackWith,
};

/** The property of a name that somebody gave, held against other semantics where they are named. */
export function propertyOf(name: string, semantics?: string): Property {
  const property = PROPERTIES[name];
  if (property === undefined) {
    const names = Object.keys(PROPERTIES).join(', ');
    throw new HarnessError('bad-input', `no property ${name}; there are ${names}`);
  }
  if (semantics === undefined) return property;
  const made = OF_SEMANTICS[name];
  if (made === undefined) {
    const names = Object.keys(OF_SEMANTICS).join(' or ');
    throw new HarnessError('bad-input', `--semantics is for the property ${names}`);
  }
  semanticsOf(semantics);
  return made((release) => semanticsOf(semantics, release));
}

/** A kernel that is patched to try a proposal is held against that, unless told otherwise. */
export function withProposal<T extends KernelFlags & { readonly semantics?: string }>(flags: T): T {
  const proposal = flags.semantics ?? proposalFor(flags.kernel);
  return proposal === undefined ? flags : { ...flags, semantics: proposal };
}

/** The semantics of a version such as `6.12`, or of a kernel or proposal by its name. */
export function semanticsOf(name: string, release?: string): Semantics {
  const semantics = profileNamed(name, release);
  if (semantics !== null) return semantics;
  const names = profileNames().join(', ');
  throw new HarnessError('bad-input', `no semantics ${name}; there are ${names}, and any version`);
}

/** A number from the command line. */
export function wholeNumber(what: string, least = 0): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw new HarnessError('bad-input', `${what} must be a whole number of at least ${least}`);
  };
}

/** Ends when Ctrl-C is pressed or we are told to end; a second time ends at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT.interrupted);
      controller.abort(new HarnessError('aborted', 'interrupted'));
    });
  }
  return controller.signal;
}
