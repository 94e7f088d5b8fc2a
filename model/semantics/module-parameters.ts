import type { Environment } from './semantics.ts';

/** Which setting of a machine each parameter of the overlay module is, by the kernel's name. */
export const MODULE_PARAMETERS = {
  redirect_dir: 'redirectDirDefault',
  redirect_always_follow: 'redirectAlwaysFollow',
  index: 'indexDefault',
  nfs_export: 'nfsExportDefault',
  metacopy: 'metacopyDefault',
  xino_auto: 'xinoAutoDefault',
} as const satisfies Readonly<Record<string, keyof Environment>>;

export type ModuleParameter = keyof typeof MODULE_PARAMETERS;

/** What a kernel was built to do without options, or told since then. */
export type ModuleParameters = Readonly<Partial<Record<ModuleParameter, boolean>>>;

/** Those that are given, as pairs. */
export function givenParameters(
  parameters: ModuleParameters = {},
): readonly (readonly [ModuleParameter, boolean])[] {
  // Neither a type nor the schema of scenarios allows another key, nor one without a value.
  return Object.entries(parameters) as readonly (readonly [ModuleParameter, boolean])[];
}

/** A machine after some parameters were written; the others stay as they are. */
export function withParameters(
  environment: Environment,
  parameters?: ModuleParameters,
): Environment {
  if (parameters === undefined) return environment;
  const written = givenParameters(parameters).map(
    ([name, value]) => [MODULE_PARAMETERS[name], value] as const,
  );
  return { ...environment, ...Object.fromEntries(written) };
}
