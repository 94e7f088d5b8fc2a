import { RULES } from '../../model/rules.ts';
import { rulesOfRelease } from '../../model/rules-of.ts';
import { printPrediction, printStep } from '../../model/print-step.ts';
import { withEpilogue } from '../../model/scenario.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import { simulate } from '../../model/simulate.ts';
import { NOT_MODELLED } from '../../model/not-modelled.ts';
import { NOT_COMPARED } from '../../model/not-compared.ts';
import { CACHE_DIR, EXIT, semanticsOf } from './context.ts';
import { readScenario } from './replay.ts';
import { lastCampaign } from './report-dir.ts';
import { RUN_DEFAULTS } from './run.ts';

/** The model's trace alone: no kernel, no root. */
export function predict(file: string, release: string): number {
  const semantics = semanticsOf(release);
  const scenario = withEpilogue(readScenario(file));
  const trace = simulate(scenario, semantics, USUAL_ENVIRONMENT);
  process.stdout.write(`as ${semantics.id}\n`);
  for (const [index, { result, rules }] of trace.entries()) {
    const step = scenario.steps[index - 1];
    const op = step?.op ?? 'mount';
    const call = step === undefined ? 'mount' : printStep(step);
    process.stdout.write(
      `${String(index).padStart(4)}  ${call} = ${printPrediction(op, result)}\n`,
    );
    if (rules.length > 0) process.stdout.write(`      ${rules.join(' ')}\n`);
  }
  return EXIT.holds;
}

/** Every rule with its source, and how often the last campaign used it. */
export function rules(): number {
  const last = lastCampaign(CACHE_DIR);
  const counts = last?.rules ?? {};
  const from =
    last === null
      ? 'no campaign yet'
      : `last campaign: ${last.kernel}, seed ${last.seed}, ${last.scenarios} scenarios`;
  const applying = new Set<string>(
    rulesOfRelease(last?.kernel ?? null, { ...RUN_DEFAULTS, ...last }),
  );
  let reached = 0;
  for (const [id, { says, source }] of Object.entries(RULES)) {
    const count = applying.has(id) ? (counts[id] ?? 0) : 'elsewhere';
    if (typeof count === 'number' && count > 0) reached++;
    process.stdout.write(`${String(count).padStart(9)}  ${id}\n           ${says} (${source})\n`);
  }
  process.stdout.write(`${reached} of ${applying.size} rules reached; ${from}\n`);
  const others = Object.keys(RULES).length - applying.size;
  if (others > 0)
    process.stdout.write(`${others} more are about other kernels, options, layers: "elsewhere"\n`);
  process.stdout.write('\nnot compared:\n');
  for (const { what, why } of NOT_COMPARED) process.stdout.write(`  ${what}\n    ${why}\n`);
  process.stdout.write('\nin the specification and not modelled:\n');
  for (const { spec, what, why } of NOT_MODELLED) {
    process.stdout.write(`  ${spec}: ${what}\n    ${why}\n`);
  }
  return EXIT.holds;
}
