import { placeOf } from '../campaign-record.ts';
import type { StoredCampaign } from '../campaign-record.ts';
import { grouped, html } from './markup.ts';
import type { Markup } from './markup.ts';

/** What a campaign was asked to check, wherever it ran. */
function settingOf({ record }: StoredCampaign): string {
  const { property, semantics, base, options, parameters, userns, module } = record;
  return JSON.stringify([property, semantics, base, options, parameters, userns, module]);
}

/** The verdict of each kernel on each set of options: the more scenarios differ, the darker. */
export function heatMap(
  campaigns: readonly StoredCampaign[],
  anchorOf: (file: string) => string,
): Markup {
  const places = [...new Set(campaigns.map(placeOf))].sort(byVersion);
  const rows = [...Map.groupBy(campaigns, settingOf).values()].map((group) => {
    const [first] = group;
    if (first === undefined) throw new RangeError('no campaign');
    const { property, semantics, base, options, parameters, userns, module } = first.record;
    const given = [
      ...Object.entries(parameters ?? {}).map(([name, value]) => `${name}=${value ? 'on' : 'off'}`),
      ...(semantics === undefined ? [] : [`as ${semantics}`]),
      ...(userns === undefined ? [] : ['in a user namespace']),
      ...(module === undefined ? [] : [module]),
    ];
    const cells = places.map((place) =>
      cell(
        group.filter((campaign) => placeOf(campaign) === place),
        anchorOf,
      ),
    );
    return html`<tr>
      <th scope="row">
        ${property} on ${base}
        <code class="options">${options === '' ? '(no options)' : optionWords(options)}</code>
        ${given.length === 0 ? null : html`<code class="options">${given.join(', ')}</code>`}
      </th>
      ${cells}
    </tr>`;
  });
  const heads = places.map((place) => html`<th scope="col">${place}</th>`);
  return html`<div class="scroll">
      <table class="heat">
        <thead>
          <tr>
            <th scope="col">checked</th>
            ${heads}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    <p class="legend">
      ${['holds', 'differs', 'kernel-finding', 'inconclusive'].map(
        (verdict) => html`<span class="swatch ${verdict}"></span>${verdict} `,
      )}<br />
      The darker, the larger the share of scenarios that differ.
    </p>`;
}

/** They may wrap after a comma. */
function optionWords(options: string): string {
  return options.replaceAll(',', ', ');
}

function cell(here: readonly StoredCampaign[], anchorOf: (file: string) => string): Markup {
  const [first] = here;
  if (first === undefined) return html`<td class="none">not run</td>`;
  const verdict = worstOf(here);
  const lines = here.map((campaign) => lineOf(campaign, here.length > 1));
  const findings = here.flatMap(({ record }) => record.findings);
  const links = findings.map(
    ({ file, cause }) =>
      html`<a href="#${anchorOf(file)}" title="${cause}">${anchorOf(file).replace('-', ' ')}</a> `,
  );
  return html`<td class="${verdict}" style="--depth: ${depthOf(here)}%">
    <b>${verdict}</b>${lines} ${links.length === 0 ? null : html`<div>${links}</div>`}
  </td>`;
}

function worstOf(here: readonly StoredCampaign[]): string {
  const verdicts: readonly string[] = here.map(({ result }) => result.verdict);
  const order = ['differs', 'kernel-finding', 'inconclusive'];
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'holds';
}

/** From one in ten thousand on each power of ten is a shade. */
function depthOf(here: readonly StoredCampaign[]): number {
  const kernels = here.flatMap(({ result }) => result.kernels);
  const scenarios = kernels.reduce((sum, kernel) => sum + kernel.scenarios, 0);
  const differences = kernels.reduce((sum, kernel) => sum + kernel.differences, 0);
  if (differences === 0 || scenarios === 0) return 18;
  return Math.round(Math.min(55, Math.max(22, 55 + 9 * Math.log10(differences / scenarios))));
}

function lineOf({ record, result }: StoredCampaign, isOneOfSeveral: boolean): Markup {
  const { scenarios, steps, seconds, known } = record.tally;
  const differences = result.kernels.reduce((sum, kernel) => sum + kernel.differences, 0);
  const speed = seconds === 0 ? 0 : steps / seconds;
  const { trouble } = result;
  return html`<div>
      ${isOneOfSeveral ? `seed ${record.seed}: ` : null}${grouped(scenarios)} scenarios,
      ${grouped(steps)} steps
    </div>
    <div>
      ${differences === 0 ? null : `${grouped(differences)} differ, `}
      ${known === 0 ? null : `${grouped(known)} known, `}${grouped(speed)} steps/s
    </div>
    ${trouble === null ? null : html`<div class="trouble">${trouble}</div>`}`;
}

/** 6.12 comes after 6.1. */
function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
