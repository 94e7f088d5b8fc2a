import { outcomeNumbers } from './certificate.ts';
import type { Certificate, EffectiveConfig, Outcome } from './certificate.ts';
import { describeMount, mountAt, STRINGS } from './option-product.ts';

/** Mounts of one kind: how many, and the one with the shortest option string. */
interface Group {
  count: number;
  example: string;
}

/** A certificate for people: counts, what options became, the effective configurations. */
export function certificateText(certificate: Certificate): string {
  const { release, profile, environment, outcomes } = certificate;
  const numbers = outcomeNumbers(certificate);
  const byOutcome = new Map<string, Group>();
  const changed = new Map<string, Group>();
  const implied = new Map<string, Group>();
  for (const [index, number] of numbers.entries()) {
    const outcome = outcomes[number];
    if (outcome === undefined) throw new RangeError(`there is no outcome ${number}`);
    const config = configOf(outcome);
    // What a mount of the same layers without any option comes to.
    const usual = configOf(outcomes[numbers[index - (index % STRINGS)] ?? 0]) ?? {};
    note(byOutcome, outcomeText(outcome, usual), index);
    if (config === null) continue;
    const asked = askedOf(mountAt(index).options);
    const where = config['upper'] === 'yes' ? '' : 'without upper: ';
    for (const [option, value] of asked) {
      const became = config[option] ?? '';
      if (became !== value) note(changed, `${where}${option}=${value} became ${became}`, index);
    }
    for (const [option, value] of Object.entries(config)) {
      if (option === 'upper' || asked.has(option) || value === usual[option]) continue;
      note(implied, `${where}${option} became ${value}`, index);
    }
  }
  const errnos = [...byOutcome].filter(([text]) => text.startsWith('E'));
  const accepted = [...byOutcome].filter(([text]) => !text.startsWith('E'));
  const parameters = Object.entries(environment).map(([name, value]) => `${name} ${value}`);
  return [
    `linux ${release} (${profile}): ${parameters.join(', ')}`,
    `${numbers.length} mounts, ${total(accepted)} accepted, ${total(errnos)} refused, ` +
      `${accepted.length} effective configurations`,
    section('refused, for example', errnos),
    section('options that were asked for and came out otherwise', [...changed]),
    section('options that were not asked for and changed', [...implied]),
    section('effective configurations', accepted),
  ].join('\n');
}

function section(title: string, groups: readonly (readonly [string, Group])[]): string {
  const lines = groups
    .toSorted(([, a], [, b]) => b.count - a.count)
    .map(([text, { count, example }]) => `  ${String(count).padStart(7)}  ${text}  (${example})`);
  return [`\n${title}:`, ...lines].join('\n');
}

function note(groups: Map<string, Group>, text: string, index: number): void {
  const example = describeMount(index);
  const group = groups.get(text);
  if (group === undefined) groups.set(text, { count: 1, example });
  else {
    group.count++;
    if (example.length < group.example.length) group.example = example;
  }
}

function total(groups: readonly (readonly [string, Group])[]): number {
  return groups.reduce((sum, [, { count }]) => sum + count, 0);
}

/** An errno, or what differs from a mount without options. */
function outcomeText(outcome: Outcome, usual: EffectiveConfig): string {
  if ('errno' in outcome) return outcome.errno;
  const where = outcome.config['upper'] === 'yes' ? '' : 'without upper: ';
  const other = Object.entries(outcome.config).filter(([option, value]) => value !== usual[option]);
  const text = other.map(([option, value]) => `${option}=${value}`).join(',');
  return `${where}${text === '' ? 'as without options' : text}`;
}

function configOf(outcome: Outcome | undefined): EffectiveConfig | null {
  return outcome !== undefined && 'config' in outcome ? outcome.config : null;
}

/** What an option string asks for; of two options that are the same thing the last one counts. */
function askedOf(options: string): ReadonlyMap<string, string> {
  const asked = new Map<string, string>();
  for (const option of options.split(',')) {
    const [name = '', value = 'on'] = option.split('=');
    if (name === 'volatile') asked.set('fsync', 'volatile');
    else if (name !== '') asked.set(name, value);
  }
  return asked;
}
