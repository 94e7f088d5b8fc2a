import { createHash } from 'node:crypto';
import type { StoredCampaign } from '../campaign-record.ts';
import type { RunDocument } from '../document.ts';
import type { FindingTrace } from '../finding-trace.ts';
import { documentOfAll } from '../merge.ts';
import { speeds, stepKinds } from './charts.ts';
import { findingSection } from './finding.ts';
import { heatMap } from './heat-map.ts';
import { grouped, html, Markup, spanText } from './markup.ts';
import { reachSection } from './reach.ts';
import { rulesTable } from './rules-table.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

/** Where all that a finding shows is, if it still is. */
export type TraceOf = (file: string) => FindingTrace | null;

/**
 * Campaigns as one page that needs nothing but itself. Its policy lets a browser load nothing and
 * run nothing but our script, whatever the names in it are.
 */
export function pageOf(campaigns: readonly StoredCampaign[], traceOf: TraceOf): string {
  const [only] = campaigns;
  const document = campaigns.length === 1 && only ? only.result : documentOfAll(campaigns);
  const found = campaigns.flatMap((campaign) =>
    campaign.record.findings.map((finding) => ({ campaign, finding })),
  );
  const files = found.map(({ finding }) => finding.file);
  const anchorOf = (file: string): string => `finding-${files.indexOf(file) + 1}`;
  const scriptHash = createHash('sha256').update(SCRIPT).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'`;
  // Formatted with the rest it would have another hash.
  const script = new Markup(`<script>${SCRIPT}</script>`);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>ovlcheck: ${document.verdict}</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${heading(document)}
          <section>
            <h2>Verdicts</h2>
            ${heatMap(campaigns, anchorOf)}
          </section>
          ${
            found.length === 0
              ? null
              : html`<section>
                  <h2>Findings</h2>
                  ${found.map(({ campaign, finding }) =>
                    findingSection(
                      ...([campaign, finding] as const),
                      ...([traceOf(finding.file), anchorOf(finding.file)] as const),
                    ),
                  )}
                </section>`
          }
          <section>
            <h2>Rules</h2>
            ${rulesTable(campaigns)}
          </section>
          ${reachSection(document)}
          <section>
            <h2>Steps by kind</h2>
            ${stepKinds(campaigns)}
          </section>
          <section>
            <h2>Speed</h2>
            ${speeds(campaigns)}
          </section>
          <footer>
            Written by ovlcheck from the JSON beside it; <code>npx ovlcheck report DIR</code> writes
            it again.
          </footer>
        </main>
        ${script}
      </body>
    </html> `;
  return page.text;
}

function heading(document: RunDocument): Markup {
  const { verdict, kernels, findings, rules, seed, trouble, isInterrupted } = document;
  const sum = (of: (kernel: RunDocument['kernels'][number]) => number): number =>
    kernels.reduce((total, kernel) => total + of(kernel), 0);
  const figures: readonly (readonly [what: string, figure: string])[] = [
    ['scenarios', grouped(sum(({ scenarios }) => scenarios))],
    ['steps', grouped(sum(({ steps }) => steps))],
    ['kernels', String(new Set(kernels.map(({ release }) => release)).size)],
    ['findings', String(findings.length)],
    ['known disagreements seen', grouped(sum(({ known }) => known))],
    ['rules reached', `${rules.reached} of ${rules.total}`],
    ['machine time', spanText(sum(({ seconds }) => seconds))],
    ['seed', seed === null ? 'several' : String(seed)],
  ];
  return html`<header>
      <h1>ovlcheck</h1>
      <span class="badge ${verdict}">${verdict}</span>
      ${isInterrupted ? html`<span class="badge inconclusive">interrupted</span>` : null}
      <p>The kernel's overlayfs, step by step beside a model of it.</p>
    </header>
    ${trouble === null ? null : html`<section class="trouble">No answer: ${trouble}</section>`}
    <section>
      <dl class="figures">
        ${figures.map(
          ([what, figure]) =>
            html`<div>
              <dt>${what}</dt>
              <dd>${figure}</dd>
            </div>`,
        )}
      </dl>
    </section>`;
}
