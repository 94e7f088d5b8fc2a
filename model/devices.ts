import type { DeviceName } from './observation.ts';

/**
 * Which st_dev is which file system. Each has one of its own, from the first sight of it; those
 * that belong to an overlay go with it.
 */
export class Devices {
  readonly #observed = new Map<DeviceName, string>();

  agree(predicted: DeviceName, observed: string): boolean {
    const known = this.#observed.get(predicted);
    if (known !== undefined) return known === observed;
    if (this.#nameOf(observed) !== undefined) return false;
    this.#observed.set(predicted, observed);
    return true;
  }

  say(observed: string): string {
    return this.#nameOf(observed) ?? `device ${observed}`;
  }

  forgetOverlay(): void {
    for (const name of this.#observed.keys()) {
      if (!name.startsWith('base')) this.#observed.delete(name);
    }
  }

  #nameOf(observed: string): DeviceName | undefined {
    return [...this.#observed].find(([, device]) => device === observed)?.[0];
  }
}
