import { escapeMarkup } from '../escape.ts';

/** Text that is markup already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | null | readonly Part[];

/** HTML in which everything that is filled in is text, unless it was made by this very tag. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const texts = strings.map((text, index) => (index === 0 ? '' : textOf(parts[index - 1])) + text);
  return new Markup(texts.join(''));
}

function textOf(part: Part | undefined): string {
  if (part === undefined || part === null) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escapeMarkup(String(part));
}

/** A number as people read it. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** A length of time as people say it. */
export function spanText(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
