/** How the page looks: light, dark and on paper, with fonts that every machine has. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #5c6675; --line: #dde2e9;
  --good: #1a7f4b; --bad: #c62f2f; --kernel: #8a3ffc; --unsure: #a76400; --accent: #2563c9;
  --new: #e7f0ff; --wrong: #ffe3e0; --stripe: #f3f5f8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #1a2028; --ink: #e3e8ef; --soft: #97a3b3; --line: #2e3743;
    --good: #4cc38a; --bad: #ff7b72; --kernel: #be95ff; --unsure: #e0a63e; --accent: #79b0ff;
    --new: #1c3050; --wrong: #4d2226; --stripe: #202731;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
}
main { max-width: 1240px; margin: 0 auto; padding: 24px 20px 60px; }
h1 { font-size: 22px; margin: 0 12px 0 0; letter-spacing: -0.01em; }
h2 { font-size: 18px; margin: 0 0 10px; }
h3 { font-size: 16px; margin: 0 0 4px; overflow-wrap: anywhere; }
h4 { font-size: 14px; margin: 18px 0 6px; color: var(--soft); font-weight: 600; }
small, .legend { color: var(--soft); font-size: 13px; font-weight: normal; }
code, pre, .calls td, .tree td, .tree tbody th {
  font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
pre, .command {
  background: var(--stripe); border: 1px solid var(--line); border-radius: 6px;
  padding: 8px 12px; white-space: pre-wrap; overflow-wrap: anywhere;
}
.command { padding: 3px 8px; }
pre.log { max-height: 420px; overflow: auto; }
a { color: var(--accent); }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; margin-bottom: 18px; }
header p { flex-basis: 100%; margin: 2px 0 0; color: var(--soft); }
section, article {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 18px 20px; margin: 0 0 18px;
}
section > article { border: 0; border-top: 1px solid var(--line); border-radius: 0; margin: 0 -20px;
  padding: 18px 20px; }
.badge {
  display: inline-block; border-radius: 999px; padding: 1px 10px; font-size: 13px;
  font-weight: 600; color: var(--card); background: var(--tone, var(--soft)); vertical-align: 1px;
}
header .badge { font-size: 15px; padding: 3px 14px; }
.holds { --tone: var(--good); }
.differs { --tone: var(--bad); }
.kernel-finding { --tone: var(--kernel); }
.inconclusive { --tone: var(--unsure); }
.figures { display: flex; flex-wrap: wrap; gap: 6px 34px; margin: 0; }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--soft); font-size: 13px; }
.figures dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
.trouble { color: var(--unsure); font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 4px 10px; }
thead th { color: var(--soft); font-size: 13px; font-weight: 600;
  border-bottom: 1px solid var(--line); }
tbody tr + tr > * { border-top: 1px solid color-mix(in srgb, var(--line) 55%, transparent); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.heat { border-collapse: separate; border-spacing: 4px; width: auto; min-width: 50%; }
.heat tbody th { font-weight: 600; max-width: 360px; }
.heat .options { display: block; color: var(--soft); font-weight: normal; }
.heat td {
  border-radius: 6px; padding: 8px 12px; min-width: 170px; font-size: 13px; border: 0 !important;
  background: color-mix(in srgb, var(--tone, var(--soft)) var(--depth, 12%), var(--card));
}
.heat td b { font-size: 14px; }
.heat a { color: inherit; }
h3 a { color: inherit; text-decoration: none; }
.heat td.none { background: var(--stripe); color: var(--soft); }
.heat th { border: 0 !important; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 3px;
  margin: 0 5px 0 10px;
  background: var(--tone); }
.swatch:first-child { margin-left: 0; }
.facts-line { color: var(--soft); margin: 0 0 12px; }
.calls td { white-space: pre-wrap; overflow-wrap: anywhere; }
.calls .number { color: var(--soft); width: 4em; }
.calls tr.differs td { background: var(--wrong); }
.bad { color: var(--bad); font-weight: 600; }
.tree { border: 1px solid var(--line); border-radius: 6px; margin: 6px 0; }
summary { cursor: pointer; padding: 5px 10px; font-weight: 600; }
.tree table { border-top: 1px solid var(--line); table-layout: fixed; min-width: 720px; }
.tree td, .tree tbody th { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1px 10px; }
.tree tbody th { white-space: pre; font-weight: normal; }
.tree thead th:first-child { width: 22%; }
.tree tbody tr > * { border-top: 0; }
.tree .same { color: var(--soft); }
.tree .nothing { color: var(--soft); font-style: italic; }
.tree .new, .tree .changed .fresh { background: var(--new); border-radius: 3px; }
.tree td.bad, .tree span.bad, .tree .nothing.bad { background: var(--wrong); border-radius: 3px; }
.tree .facts.bad { color: inherit; font-weight: normal; }
.tree .note td { color: var(--bad); padding-left: 34px; padding-bottom: 4px; }
.tree s { color: var(--soft); }
.rules { margin: 0; padding-left: 20px; }
.meter { height: 8px; border-radius: 4px; background: var(--wrong); overflow: hidden;
  margin: 8px 0; }
.meter span { display: block; height: 100%; background: var(--good); }
.sortable thead th { cursor: pointer; white-space: nowrap; user-select: none; }
.sortable thead th::after { content: ' ↕'; opacity: 0.4; }
.sortable thead th[aria-sort=ascending]::after { content: ' ↑'; opacity: 1; }
.sortable thead th[aria-sort=descending]::after { content: ' ↓'; opacity: 1; }
.sortable td:nth-child(2) { white-space: nowrap; }
tr.not-reached td:nth-child(2) { color: var(--bad); font-weight: 600; }
tr.out-of-reach { color: var(--soft); }
.bars { list-style: none; margin: 0; padding: 0; columns: 3 300px; column-gap: 28px; }
.bars li { position: relative; display: flex; justify-content: space-between; align-items: center;
  padding: 1px 8px;
  break-inside: avoid; margin-bottom: 2px; }
.bars .bar { position: absolute; inset: 0 auto 0 0; border-radius: 3px; min-width: 2px;
  background: color-mix(in srgb, var(--accent) 24%, transparent); }
.bars code, .bars .number { position: relative; }
.speeds { display: grid; gap: 14px 28px;
  grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); }
figure { margin: 0; }
figcaption { font-size: 13px; color: var(--soft); }
figcaption b { color: var(--ink); }
svg { width: 100%; max-width: 760px; height: auto; }
svg text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--line); }
.area { fill: color-mix(in srgb, var(--accent) 35%, transparent); stroke: var(--accent); }
footer { color: var(--soft); font-size: 13px; }
@media print {
  :root {
    --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --good: #1a7f4b;
    --bad: #b00; --kernel: #63c; --unsure: #850; --accent: #035; --new: #e8eefb; --wrong: #fbe3e0;
    --stripe: #f4f4f4;
  }
  body { font-size: 11px; }
  code, pre, .calls td, .tree td, .tree tbody th { font-size: 10px; }
  main { padding: 0; max-width: none; }
  section { border: 0; padding: 8px 0; }
  .scroll { overflow: visible; }
  pre.log { max-height: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  tr, .tree summary, figure { break-inside: avoid; }
}
`;
