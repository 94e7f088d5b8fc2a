import { placeOf } from '../campaign-record.ts';
import type { StoredCampaign } from '../campaign-record.ts';
import type { PaceRecord } from '../../pace.ts';
import { grouped, html, spanText } from './markup.ts';
import type { Markup } from './markup.ts';

const WIDTH = 640;
const HEIGHT = 120;

/** How often each operation ran as a step, the most frequent one first. */
export function stepKinds(campaigns: readonly StoredCampaign[]): Markup {
  const counts = new Map<string, number>();
  for (const { record } of campaigns) {
    for (const [op, count] of Object.entries(record.tally.stepKinds)) {
      counts.set(op, (counts.get(op) ?? 0) + count);
    }
  }
  const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (sorted.length === 0) return html`<p>These campaigns have scenarios without steps.</p>`;
  const most = sorted[0]?.[1] ?? 1;
  const all = sorted.reduce((sum, [, count]) => sum + count, 0);
  return html`<p>
      ${sorted.length} kinds among ${grouped(all)} steps; each scenario draws from a choice of them.
    </p>
    <ul class="bars">
      ${sorted.map(
        ([op, count]) =>
          html`<li title="${((100 * count) / all).toFixed(2)} % of all steps">
            <span class="bar" style="width: ${((100 * count) / most).toFixed(1)}%"></span>
            <code>${op}</code><span class="number">${grouped(count)}</span>
          </li>`,
      )}
    </ul>`;
}

/** Steps per second over the time of each campaign. */
export function speeds(campaigns: readonly StoredCampaign[]): Markup {
  return html`<div class="speeds">
    ${campaigns.map((campaign) => {
      const { tally, property, options } = campaign.record;
      const title = `${placeOf(campaign)}, ${property}`;
      return html`<figure>
        <figcaption title="${options}">
          <b>${title}</b>: ${grouped(tally.steps / Math.max(tally.seconds, 0.001))} steps/s over
          ${spanText(tally.seconds)}
        </figcaption>
        ${curve(tally.pace)}
      </figure>`;
    })}
  </div>`;
}

/** An area of one step for each span of time. */
function curve({ everySeconds, steps }: PaceRecord): Markup {
  if (steps.length < 2) return html`<p class="legend">too short for a curve</p>`;
  const rates = steps.map((count) => count / everySeconds);
  const top = niceTop(Math.max(...rates, 1));
  const x = (span: number): string => ((span * WIDTH) / rates.length).toFixed(1);
  const y = (rate: number): string => (HEIGHT - (rate / top) * HEIGHT).toFixed(1);
  const outline = rates.map((rate, span) => `V${y(rate)}H${x(span + 1)}`).join('');
  const end = spanText(rates.length * everySeconds);
  return html`<svg viewBox="-60 -10 ${WIDTH + 75} ${HEIGHT + 34}" role="img">
    <title>steps per second over time</title>
    ${[0, top / 2, top].map(
      (rate) =>
        html`<line class="grid" x1="0" x2="${WIDTH}" y1="${y(rate)}" y2="${y(rate)}" /><text
            x="-8"
            y="${y(rate)}"
            dy="0.35em"
            text-anchor="end"
          >
            ${grouped(rate)}
          </text>`,
    )}
    <path class="area" d="M0,${HEIGHT}${outline}V${HEIGHT}Z" />
    <text x="0" y="${HEIGHT + 18}">0</text>
    <text x="${WIDTH}" y="${HEIGHT + 18}" text-anchor="end">${end}</text>
  </svg>`;
}

/** The next of 1, 2, 5, 10, 20, 50, ... */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((step) => step * power >= value) ?? 10);
}
