import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { PLANTED_BUGS } from '../../../properties/planted-bugs.ts';
import { playCampaign } from '../../cli/played-campaign.ts';
import { readTrace } from '../../cli/report-dir.ts';
import { makeScratchFolder } from '../../scratch.ts';
import type { StoredCampaign } from '../campaign-record.ts';
import type { FindingTrace } from '../finding-trace.ts';
import { html } from './markup.ts';
import { pageOf } from './page.ts';

let found: StoredCampaign;
let held: StoredCampaign;
let trace: FindingTrace;

beforeAll(async () => {
  await using scratch = await makeScratchFolder();
  const { ops } = PLANTED_BUGS['unlink-forgets-whiteout'] ?? {};
  if (ops === undefined) throw new RangeError('the bug is gone');
  found = await playCampaign({ dir: join(scratch.path, 'found'), scenarios: 40, ops, seed: 3 });
  held = await playCampaign({
    ...{ dir: join(scratch.path, 'held'), scenarios: 3, release: '6.1.5', options: 'xino=off' },
  });
  const read = readTrace(found.record.findings[0]?.file ?? '');
  if (read === null) throw new RangeError('no trace was stored');
  trace = read;
});

const HOSTILE =
  `"><script>document.title='owned'</script><img src=x onerror=alert(1)>` + `'&lt;\u0000\ud800`;

test('a trace has the layers before and after, and marks what differs', () => {
  expect(trace).toMatchObject({ isModelled: true, differing: 1, sides: ['model', 'kernel'] });
  expect(trace.rows.at(-1)).toEqual({
    ...{ call: 'unlinkat(AT_FDCWD, "a", 0)', model: '0', kernel: '0' },
  });
  expect(trace.trees.map(({ name }) => name)).toEqual(['merged', 'lower 0', 'upper', 'work']);
  const [merged, lower, upper] = trace.trees;
  const file = { mode: '-rw-r--r--', links: '1', owner: '0:0', size: '0' };
  expect(merged?.rows.find(({ path }) => path === 'a')).toEqual({
    ...{ path: 'a', before: file, predicted: null, observed: file },
    differences: ['this name: model nothing, kernel an object'],
  });
  expect(lower?.rows.map(({ differences }) => differences.length)).toEqual([0, 0]);
  expect(upper?.rows.find(({ path }) => path === 'a')).toMatchObject({
    ...{ before: null, predicted: { mode: 'c---------', device: '0:0' }, observed: null },
  });
});

test('the page has every part, and fetches nothing', () => {
  const page = pageOf([found, held], readStoredTrace);
  for (const part of ['Verdicts', 'Findings', 'Rules', 'Steps by kind', 'Speed']) {
    expect(page).toContain(`<h2>${part}</h2>`);
  }
  expect(page).toMatch(/<td class="differs"[^>]*>\s*<b>differs<\/b>/);
  expect(page).toContain('<td class="none">not run</td>');
  expect(page).toContain('href="#finding-1"');
  expect(page).toContain('id="finding-1"');
  expect(page).toContain('npx ovlcheck replay --kernel 6.12 finding-1.json');
  expect(page).not.toMatch(/\b(src|srcset|href)="(?!#)|url\(|@import|https?:/);
  expect(page).toContain(`default-src 'none'`.replaceAll("'", '&#39;'));
});

test('whatever names hold is shown and does nothing', () => {
  const { record, result } = found;
  const findings = record.findings.map((one) => ({ ...one, cause: HOSTILE, text: HOSTILE }));
  const hostile: StoredCampaign = {
    record: {
      ...{ ...record, findings, options: HOSTILE, base: HOSTILE, property: HOSTILE },
      ...{ kernel: HOSTILE, release: HOSTILE },
      tally: { ...record.tally, stepKinds: { [HOSTILE]: 1 } },
    },
    result: { ...result, findings, trouble: HOSTILE },
  };
  const facts = { mode: HOSTILE, [HOSTILE]: HOSTILE };
  const row = { path: `a/${HOSTILE}`, before: facts, predicted: null, observed: facts };
  const rows = [{ ...row, differences: [HOSTILE] }];
  const page = pageOf([hostile], () => ({
    ...{ ...trace, mount: HOSTILE, layers: HOSTILE, log: HOSTILE, rules: [HOSTILE] },
    rows: [{ call: HOSTILE, model: HOSTILE, kernel: HOSTILE }],
    differences: [{ at: HOSTILE, predicted: HOSTILE, observed: HOSTILE }],
    trees: [{ name: HOSTILE, rows, left: 1 }],
  }));
  expect(page.match(/<script>/g)).toHaveLength(1);
  expect(page).not.toContain('<img');
  expect(['\u0000', '\ud800'].filter((char) => page.includes(char))).toEqual([]);
  expect(page.match(/\\x00\\ud800/g)?.length).toBeGreaterThan(20);
  // Each is text, in an element or in a quoted attribute.
  expect(page.match(/owned/g)?.length).toBe(page.match(/&#39;owned&#39;/g)?.length);
});

test('the policy of the page lets its own script run', () => {
  const page = pageOf([held], () => null);
  const [, script = ''] = /<script>([^]*)<\/script>/.exec(page) ?? [];
  const hash = createHash('sha256').update(script).digest('base64');
  expect(page).toContain(`script-src &#39;sha256-${hash}&#39;`);
});

test('a page without findings, and one of a finding whose trace is gone', () => {
  expect(pageOf([held], () => null)).not.toContain('<h2>Findings</h2>');
  expect(pageOf([found], () => null)).toContain('<pre>DIFFERENCE: unlink');
});

test('the tag leaves its own markup alone and escapes all else', () => {
  const inner = html`<b>${'<i>'}</b>`;
  expect(html`<p title="${'"'}">${[inner, 1, null, 'a&b']}</p>`.text).toBe(
    '<p title="&quot;"><b>&lt;i&gt;</b>1a&amp;b</p>',
  );
});

function readStoredTrace(): FindingTrace {
  return trace;
}
