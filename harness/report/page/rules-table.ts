import type { StoredCampaign } from '../campaign-record.ts';
import { coverageOfRecords, ruleUses } from '../coverage.ts';
import type { RuleUse } from '../coverage.ts';
import { grouped, html } from './markup.ts';
import type { Markup } from './markup.ts';

/** Every rule, whether it was reached, what it says and who says so: those left out come first. */
export function rulesTable(campaigns: readonly StoredCampaign[]): Markup {
  const records = campaigns.map(({ record }) => record);
  const { total, reached } = coverageOfRecords(records);
  const uses = ruleUses(records).toSorted(
    (a, b) => orderOf(a) - orderOf(b) || b.uses - a.uses || (a.id < b.id ? -1 : 1),
  );
  const share = total === 0 ? 0 : (100 * reached) / total;
  return html`<p>
      ${reached} of the ${total} rules that these campaigns can reach were reached;
      ${uses.filter((use) => stateOf(use) === 'out of reach').length} more need another kernel,
      other options or another file system.
    </p>
    <div class="meter"><span style="width: ${share.toFixed(1)}%"></span></div>
    <details ${reached < total ? 'open' : ''}>
      <summary>All rules</summary>
      <div class="scroll">
        <table class="sortable">
          <thead>
            <tr>
              <th scope="col">rule</th>
              <th scope="col">state</th>
              <th scope="col" class="number">uses</th>
              <th scope="col">says</th>
              <th scope="col">source</th>
            </tr>
          </thead>
          <tbody>
            ${uses.map(row)}
          </tbody>
        </table>
      </div>
    </details>`;
}

const STATES = ['not reached', 'reached', 'out of reach'] as const;

function stateOf({ uses, reachableIn }: RuleUse): (typeof STATES)[number] {
  if (uses > 0) return 'reached';
  return reachableIn > 0 ? 'not reached' : 'out of reach';
}

function orderOf(use: RuleUse): number {
  return STATES.indexOf(stateOf(use));
}

function row(use: RuleUse): Markup {
  const state = stateOf(use);
  return html`<tr class="${state.replaceAll(' ', '-')}">
    <td><code>${use.id}</code></td>
    <td data-sort="${orderOf(use)}">${state}</td>
    <td class="number" data-sort="${use.uses}">${grouped(use.uses)}</td>
    <td>${use.says}</td>
    <td><small>${use.source}</small></td>
  </tr>`;
}
