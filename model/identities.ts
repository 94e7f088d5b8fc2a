import type { KernelIno } from './observation.ts';

/**
 * Which inode number of the kernel is which inode of the model. The first sight of a pair binds it,
 * in both directions: from then on neither may stand for anything else.
 */
export class Identities {
  readonly #observed = new Map<number, KernelIno>();
  readonly #predicted = new Map<KernelIno, number>();

  /** Whether the pair agrees with all that were seen before; binds it when it is new. */
  agree(predicted: number, observed: KernelIno): boolean {
    const known = this.#observed.get(predicted);
    if (known !== undefined) return known === observed;
    if (this.#predicted.has(observed)) return false;
    this.#observed.set(predicted, observed);
    this.#predicted.set(observed, predicted);
    return true;
  }

  /** The model's inode that an observed number is known to be of. */
  predictedOf(observed: KernelIno): number | null {
    return this.#predicted.get(observed) ?? null;
  }

  /** How to say an observed number: as the model's inode when it is known to be one. */
  say(observed: KernelIno): string {
    const predicted = this.#predicted.get(observed);
    return predicted === undefined ? 'an inode never seen' : `inode ${predicted}`;
  }
}
