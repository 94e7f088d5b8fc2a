import { RULES } from '../../../model/rules.ts';
import { isCertainRecord, placeOf } from '../campaign-record.ts';
import type { StoredCampaign } from '../campaign-record.ts';
import type { FindingRecord } from '../document.ts';
import type { FindingTrace } from '../finding-trace.ts';
import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import { treeTables } from './trees.ts';

const TITLES: Readonly<Record<FindingRecord['kind'], string>> = {
  difference: 'difference',
  flaky: 'flaky difference',
  panic: 'kernel panic',
  warning: 'kernel warning',
  hung: 'kernel hang',
  lost: 'machine lost',
};

/** A finding: calls side by side, what differs, the layers as trees, how to see it again. */
export function findingSection(
  campaign: StoredCampaign,
  finding: FindingRecord,
  trace: FindingTrace | null,
  anchor: string,
): Markup {
  const { kind, cause, reproduced, index, steps, file } = finding;
  const { record } = campaign;
  const size = trace?.isMinimal === true ? ', minimal' : '';
  const kindClass = isCertainRecord(finding)
    ? isKernels(kind)
      ? 'kernel-finding'
      : 'differs'
    : '';
  const count = record.tally.causes[cause] ?? 1;
  return html`<article id="${anchor}">
    <h3>
      <span class="badge ${kindClass === '' ? 'inconclusive' : kindClass}">${TITLES[kind]}</span>
      <a href="#${anchor}">${anchor.replace('finding-', '')}.</a> ${cause}
    </h3>
    <p class="facts-line">
      <b>${placeOf(campaign)}</b> · ${reproduced.times} of ${reproduced.of} runs on fresh machines ·
      ${steps} ${steps === 1 ? 'step' : 'steps'}${size} · seed ${record.seed}, scenario ${index} ·
      ${count} ${count === 1 ? 'scenario' : 'scenarios'} with this cause
    </p>
    ${trace === null ? html`<pre>${finding.text}</pre>` : traceParts(trace)}
    <p>
      See it again:
      <code class="command">${replayCommand(record, file)}</code>
    </p>
  </article>`;
}

function isKernels(kind: FindingRecord['kind']): boolean {
  return kind !== 'difference' && kind !== 'flaky';
}

function replayCommand(
  { kernel, property, semantics, module }: StoredCampaign['record'],
  file: string,
): string {
  const law = property === 'lockstep' ? '' : ` --property ${property}`;
  const as = semantics === undefined ? '' : ` --semantics ${semantics}`;
  const own = module === undefined ? '' : ` --module ${module}`;
  const name = file.slice(file.lastIndexOf('/') + 1);
  return `npx ovlcheck replay --kernel ${kernel}${own}${as}${law} ${name}`;
}

function traceParts(trace: FindingTrace): Markup {
  return html`<pre class="mount">${trace.mount}</pre>
    ${callTable(trace)} ${differenceTable(trace)} ${explanationPart(trace)}
    ${
      trace.trees.length === 0
        ? html`<pre>${trace.layers}</pre>`
        : html`<h4>Layers, before and after ${stepName(trace)}</h4>
            ${treeTables(trace)}`
    }
    ${rulesList(trace)}
    ${
      trace.log === null
        ? null
        : html`<h4>Kernel log</h4>
            <pre class="log">${trace.log}</pre>`
    }`;
}

function stepName({ differing, rows }: FindingTrace): Markup {
  if (differing === null) return html`the last step`;
  return html`step ${differing}: <code>${rows[differing]?.call ?? ''}</code>`;
}

function callTable({ rows, sides, isModelled, differing }: FindingTrace): Markup {
  const [said, seen] = sides;
  return html`<div class="scroll">
    <table class="calls">
      <thead>
        <tr>
          <th scope="col">step</th>
          <th scope="col">call</th>
          ${isModelled ? html`<th scope="col">${said}</th>` : null}
          <th scope="col">${seen}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ call, model, kernel }, index) =>
            html`<tr class="${index === differing ? 'differs' : ''}">
              <td class="number">${index}</td>
              <td>${call}</td>
              ${isModelled ? html`<td>${model}</td>` : null}
              <td>${kernel}${index === differing ? html` <b class="bad">← differs</b>` : null}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function differenceTable({ differences, sides }: FindingTrace): Markup | null {
  if (differences.length === 0) return null;
  const [said, seen] = sides;
  return html`<h4>What differs</h4>
    <div class="scroll">
      <table class="calls">
        <thead>
          <tr>
            <th scope="col">where</th>
            <th scope="col">${said}</th>
            <th scope="col">${seen}</th>
          </tr>
        </thead>
        <tbody>
          ${differences.map(
            ({ at, predicted, observed }) =>
              html`<tr>
                <td>${at.replace(/^merged {2}/, 'merged / ')}</td>
                <td>${predicted}</td>
                <td class="bad">${observed}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function explanationPart({ explanation }: FindingTrace): Markup | null {
  if (explanation === undefined) return null;
  const { title, lines } = explanation;
  return html`<h4>${title.replace(/^w/, 'W').replace(/:$/, '')}</h4>
    <ul class="rules">
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>`;
}

function rulesList({ rules }: FindingTrace): Markup | null {
  if (rules.length === 0) return null;
  const known: Readonly<Record<string, { readonly says: string; readonly source: string }>> = RULES;
  return html`<h4>Rules that the step was predicted by</h4>
    <ul class="rules">
      ${rules.map((id) => {
        const rule = known[id];
        return html`<li>
          <code>${id}</code> ${rule?.says ?? ''} <small>(${rule?.source ?? 'unknown'})</small>
        </li>`;
      })}
    </ul>`;
}
