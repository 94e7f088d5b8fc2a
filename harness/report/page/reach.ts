import type { RunDocument } from '../document.ts';
import { grouped, html } from './markup.ts';
import type { Markup } from './markup.ts';

/** Whoever wants more reads the document. */
const MISSING_SHOWN = 20;

/** What of overlayfs was reached besides rules, where somebody looked. */
export function reachSection({ functions, objects }: RunDocument): Markup | null {
  const isTraced = functions !== undefined && functions !== null;
  const isMet = objects !== undefined && objects.met > 0;
  if (!isTraced && !isMet) return null;
  return html`<section>
    <h2>Reach</h2>
    ${isTraced ? functionPart(functions) : null} ${isMet ? objectPart(objects) : null}
  </section>`;
}

function functionPart({ offered, ran, never }: NonNullable<RunDocument['functions']>): Markup {
  return html`<p>${ran} of ${offered} functions of overlayfs ran.</p>
    ${meter(ran, offered)}
    <details>
      <summary>Functions that never ran</summary>
      <div class="scroll">
        <table class="sortable">
          <thead>
            <tr>
              <th scope="col">function</th>
              <th scope="col">why</th>
            </tr>
          </thead>
          <tbody>
            ${never.map(
              ({ name, why }) =>
                html`<tr>
                  <td><code>${name}</code></td>
                  <td>${why ?? 'no reason known'}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
}

function objectPart({ possible, met, missing }: NonNullable<RunDocument['objects']>): Markup {
  const shown = missing.slice(0, MISSING_SHOWN);
  return html`<p>
      ${grouped(met)} of ${grouped(possible)} combinations of call, state of its object and kind of
      mount were met.
    </p>
    ${meter(met, possible)}
    ${
      shown.length === 0
        ? null
        : html`<details>
            <summary>Likely, and yet never met</summary>
            <div class="scroll">
              <table class="sortable">
                <thead>
                  <tr>
                    <th scope="col">call and argument</th>
                    <th scope="col">state</th>
                    <th scope="col">options</th>
                    <th scope="col" class="number">times by chance</th>
                  </tr>
                </thead>
                <tbody>
                  ${shown.map(
                    ({ use, state, options, expected }) =>
                      html`<tr>
                        <td><code>${use}</code></td>
                        <td>${state}</td>
                        <td>${options}</td>
                        <td class="number" data-sort="${expected}">${grouped(expected)}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>
          </details>`
    }`;
}

function meter(part: number, whole: number): Markup {
  const share = whole === 0 ? 0 : (100 * part) / whole;
  return html`<div class="meter"><span style="width: ${share.toFixed(1)}%"></span></div>`;
}
