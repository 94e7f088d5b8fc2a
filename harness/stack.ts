import type { LayerName } from '../model/ops/op.ts';
import { lowerPaths } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { GUEST } from './guest.ts';

/** Where the layers of a scenario's mount are in the guest. */
export class Stack {
  readonly #upper = 'u';
  readonly #work = 'w';
  readonly #lowers: readonly string[];

  constructor(scenario: Pick<Scenario, 'layers'>) {
    this.#lowers = lowerPaths(scenario);
  }

  /** The root of a layer; a path to nothing when there are not so many. */
  rootOf(layer: LayerName): string {
    if (layer === 'upper') return `${GUEST.layers}/${this.#upper}`;
    if (layer === 'work') return `${GUEST.layers}/${this.#work}`;
    return `${GUEST.layers}/${this.#lowers[layer] ?? `l${layer}`}`;
  }
}
