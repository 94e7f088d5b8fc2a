import { explain } from '../../properties/explain.ts';
import { harmOf, isAlike, signatureOf } from '../../properties/property.ts';
import type { Property } from '../../properties/property.ts';
import { shrink } from '../../properties/shrink.ts';
import type { CampaignPlan, Subject } from '../campaign-plan.ts';

type Asked = Pick<
  CampaignPlan,
  'seed' | 'options' | 'base' | 'parameters' | 'userns' | 'stepCount'
>;

/** A property with its seed, as plain functions. */
export function subjectOf(
  property: Property,
  { seed, options, base, parameters, userns, stepCount }: Asked,
  release: string,
): Subject {
  const machine = {
    ...(parameters === undefined ? {} : { parameters }),
    ...(userns === undefined ? {} : { userns }),
  };
  const wishes = { options, base, stepCount, release, ...machine };
  return {
    scenarioAt: (index) => property.scenarioAt(seed, index, wishes),
    check: (scenario, kernel) => property.check(scenario, kernel),
    ...(property.list === undefined ? {} : { list: property.list }),
    ...{ signatureOf, isAlike, harmOf },
    shrink: (scenario, shows, limits) => shrink(scenario, shows, limits, property.passes),
    // Of a list of mounts each has its place in it.
    ...(property.list === undefined
      ? {
          explain: (shrunk, differencesOf, limits) =>
            explain(shrunk, differencesOf, limits, { base, release }),
        }
      : {}),
  };
}
