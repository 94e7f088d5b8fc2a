import { outcomeNumbers } from './certificate.ts';
import type { Certificate, Outcome } from './certificate.ts';
import { describeMount, MOUNTS, withOneLess } from './option-product.ts';

/** A sort of difference between two kernels. */
export interface CertificateChange {
  /** Such as `EINVAL -> accepted` or `uuid: null -> on`. */
  readonly what: string;
  readonly count: number;
  /** The mounts from which no option can be left out without losing the difference. */
  readonly minimal: readonly string[];
}

/** How two kernels differ, the rarest sort last. */
export function diffCertificates(from: Certificate, to: Certificate): CertificateChange[] {
  const sides = [outcomeNumbers(from), outcomeNumbers(to)] as const;
  const named = new Map<number, string | null>();
  const changeAt = (index: number): string | null => {
    const [a = 0, b = 0] = sides.map((numbers) => numbers[index]);
    const key = a * to.outcomes.length + b;
    const known = named.get(key);
    if (known !== undefined) return known;
    const change = changeBetween(from.outcomes[a], to.outcomes[b]);
    named.set(key, change);
    return change;
  };
  const changes = new Map<string, { count: number; minimal: string[] }>();
  for (let index = 0; index < MOUNTS; index++) {
    const what = changeAt(index);
    if (what === null) continue;
    const change = changes.get(what) ?? { count: 0, minimal: [] };
    changes.set(what, change);
    change.count++;
    const isMinimal = withOneLess(index).every((less) => changeAt(less) !== what);
    if (isMinimal) change.minimal.push(describeMount(index));
  }
  return [...changes]
    .map(([what, change]) => ({ what, ...change }))
    .sort((a, b) => b.count - a.count);
}

function changeBetween(from: Outcome | undefined, to: Outcome | undefined): string | null {
  if (from === undefined || to === undefined) throw new RangeError('a mount without an outcome');
  if ('errno' in from || 'errno' in to) {
    const [a, b] = [from, to].map((side) => ('errno' in side ? side.errno : 'accepted'));
    return a === b ? null : `${a} -> ${b}`;
  }
  const fields = Object.keys(to.config).filter((name) => from.config[name] !== to.config[name]);
  if (fields.length === 0) return null;
  return fields.map((name) => `${name}: ${from.config[name]} -> ${to.config[name]}`).join(', ');
}

const EXAMPLES_MAX = 12;

/** A diff for people. */
export function certificateDiffText(from: Certificate, to: Certificate): string {
  const changes = diffCertificates(from, to);
  const count = changes.reduce((sum, change) => sum + change.count, 0);
  const lines = changes.flatMap(({ what, count: many, minimal }) => {
    const examples = minimal.slice(0, EXAMPLES_MAX).map((mount) => `      ${mount}`);
    const rest = minimal.length - examples.length;
    return [
      `\n${String(many).padStart(7)}  ${what}`,
      ...examples,
      ...(rest > 0 ? [`      and ${rest} more that are as short as can be`] : []),
    ];
  });
  const title = `from linux ${from.release} to linux ${to.release}`;
  return [`${title}: ${count} of ${MOUNTS} mounts differ`, ...lines].join('\n');
}
