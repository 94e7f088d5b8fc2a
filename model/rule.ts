import type { BaseType } from './bases.ts';
import type { Behaviour, Feature } from './semantics/semantics.ts';

/** A sentence about overlayfs, and which kernels and mounts it is about: all, or it says so. */
export interface Rule {
  readonly says: string;
  readonly source: string;
  readonly needs?: Feature;
  readonly lacks?: Feature;
  readonly where?: Partial<Behaviour>;
  /** Mount options of which one must be given, or `any`: then mounts without upper occur, too. */
  readonly with?: readonly string[];
  /** Seen only where layers are on several file systems. */
  readonly needsSeveral?: true;
  /** Seen only with one of these file systems under the layers. */
  readonly on?: readonly BaseType[];
  /** No campaign draws what it needs: scenarios made by hand, or lists of all, reach it alone. */
  readonly isUndrawn?: true;
  /** About a state that few objects are in: what differs of one in it has that for its cause. */
  readonly isOfState?: true;
}
