import { fsOfIno, hasFsid, partsOfIno, sayIno } from './ino.ts';
import type { KernelIno } from './observation.ts';

const NO_UUID = '\0'.repeat(16);

/**
 * Which inode number of the kernel is which inode of the model. The first sight of a pair binds it,
 * in both directions: from then on neither may stand for anything else on its file system.
 */
export class Identities {
  readonly #observed = new Map<number, KernelIno>();
  readonly #mayBeReused: (predicted: number) => boolean;
  readonly #hasNullUuid: (predicted: number) => boolean;
  readonly #uuids = new Map<string, number>();
  /** By file system; the last owner of a number first, for names may still tell of the others. */
  readonly #predicted: (Map<KernelIno, readonly number[]> | undefined)[] = [];

  /**
   * Asked whether a file system may have given the number of an inode to another one, and whether
   * it has a uuid.
   */
  constructor(
    mayBeReused: (predicted: number) => boolean = () => false,
    hasNullUuid: (predicted: number) => boolean = () => false,
  ) {
    this.#mayBeReused = mayBeReused;
    this.#hasNullUuid = hasNullUuid;
  }

  /** Whether the pair agrees with all that were seen before; binds it when it is new. */
  agree(predicted: number, observed: KernelIno): boolean {
    if (!hasFsid(predicted)) return this.#agree(predicted, observed);
    const { plain, added } = partsOfIno(predicted);
    return this.#agree(plain, plus(observed, -added));
  }

  /** The same for what a handle says; each file system has a uuid in its handles, or none. */
  agreeHandle(predicted: number, observed: KernelIno, uuid: string, hasNoUuid = false): boolean {
    const fs = fsOfIno(predicted);
    if (hasNoUuid !== (uuid === NO_UUID)) return false;
    const known = this.#uuids.get(uuid);
    const isOther = known === undefined ? [...this.#uuids.values()].includes(fs) : known !== fs;
    if (uuid !== NO_UUID && isOther) return false;
    if (uuid !== NO_UUID) this.#uuids.set(uuid, fs);
    return this.agree(predicted, observed);
  }

  /** The model's inodes that a handle may be of, likely ones first: its uuid may say nothing. */
  predictedOf(observed: KernelIno, uuid: string): readonly number[] {
    const fs = this.#uuids.get(uuid);
    // A uuid that was never seen is of none of the file systems that have another.
    const others = new Set(uuid === NO_UUID ? [] : this.#uuids.values());
    const nameless = this.#predicted.filter((_, index) => !others.has(index));
    const all = fs === undefined ? nameless : [this.#predicted[fs]];
    const inos = all.flatMap((byNumber) => byNumber?.get(observed) ?? []);
    const withUuid = inos.filter((ino) => !this.#hasNullUuid(ino));
    // Under uuid=off there is none in the handles of any file system.
    return uuid === NO_UUID ? [...inos.filter(this.#hasNullUuid), ...withUuid] : withUuid;
  }

  /** How to say an observed number: as the model's inode when it is known to be one. */
  say(observed: KernelIno): string {
    const known = this.#predicted.flatMap((byNumber) => byNumber?.get(observed)?.slice(0, 1) ?? []);
    return known.length === 0 ? 'an inode never seen' : known.map(sayIno).join(' or ');
  }

  /** Forgets the numbers of a file system that is gone. */
  forget(fs: number): void {
    for (const owners of this.#predicted[fs]?.values() ?? []) {
      for (const predicted of owners) this.#observed.delete(predicted);
    }
    this.#predicted[fs] = undefined;
  }

  #agree(predicted: number, observed: KernelIno): boolean {
    const known = this.#observed.get(predicted);
    if (known !== undefined) return known === observed;
    const byNumber = (this.#predicted[fsOfIno(predicted)] ??= new Map<
      KernelIno,
      readonly number[]
    >());
    const owners = byNumber.get(observed) ?? [];
    if (owners[0] !== undefined && !this.#mayBeReused(owners[0])) return false;
    this.#observed.set(predicted, observed);
    byNumber.set(observed, [predicted, ...owners]);
    return true;
  }
}

/** The sum of a kernel's inode number and another number. */
export function plus(ino: KernelIno, added: bigint): KernelIno {
  const sum = BigInt(ino) + added;
  return sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : sum.toString();
}
