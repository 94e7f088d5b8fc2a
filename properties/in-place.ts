import type fc from 'fast-check';
import type { Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { stepOfChange } from '../model/watched-step.ts';
import { chance } from './draw.ts';
import { Scope } from './scope.ts';

interface Share {
  /** How many scenarios are changed. */
  readonly scenariosPercent: number;
  readonly stepsMax: number;
}

/** A step that is there, and whether another is to come in its place. */
export interface OldStep {
  readonly old: Step;
  readonly place: number;
  readonly isChosen: boolean;
}

/** Puts other steps in the place of some; most scenarios are left as they are. */
export function inPlaceOfSome(
  random: fc.Random,
  scenario: Scenario,
  { scenariosPercent, stepsMax }: Share,
  stepFor: (scope: Scope, step: OldStep) => Step,
): Scenario {
  const { layers, options, steps } = scenario;
  if (steps.length === 0 || !chance(random, scenariosPercent)) return scenario;
  const wanted = random.nextInt(1, stepsMax);
  const places = new Set(Array.from({ length: wanted }, () => random.nextInt(0, steps.length - 1)));
  const scope = new Scope(random, layers, options);
  const changed = steps.map((old, place) => {
    const step = stepFor(scope, { old, place, isChosen: places.has(place) });
    // What is done while somebody watches is a step as well.
    scope.note(step.op === 'watchChange' ? (stepOfChange(step.args) ?? step) : step);
    return step;
  });
  return { ...scenario, steps: changed };
}
