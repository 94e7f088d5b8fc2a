import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { PLANTED_BUGS } from '../../../properties/planted-bugs.ts';
import { BROWSER, browserText } from '../../cli/doctor.ts';
import { playCampaign } from '../../cli/played-campaign.ts';
import { readTrace } from '../../cli/report-dir.ts';
import { findOnPath } from '../../process.ts';
import { makeScratchFolder } from '../../scratch.ts';
import { Browser } from './browser.ts';
import { pageOf } from './page.ts';

const HOSTILE = `"><script>document.title='owned'</script><img src="//x/y" onerror="alert(1)">`;

test('a browser shows the page, sorts its tables, prints it, and asks for nothing', async () => {
  const program = await findOnPath(BROWSER);
  if (program === null) {
    // No silence: doctor says so, and so does the log of this run.
    process.stderr.write(`${browserText(program)}\n`);
    expect(browserText(program)).toContain('tested in no browser');
    return;
  }
  await using scratch = await makeScratchFolder();
  const file = join(scratch.path, 'report.html');
  writeFileSync(file, await hostilePage(scratch.path));
  await using browser = await Browser.open(program);
  const url = pathToFileURL(file).href;
  await browser.load(url);
  expect(await browser.evaluate('document.title')).toBe('ovlcheck: differs');
  expect(await browser.evaluate("document.querySelectorAll('img, script').length")).toBe(1);
  expect(await browser.evaluate("document.querySelector('h3').textContent")).toContain(HOSTILE);
  const cells = "document.querySelector('.sortable').querySelectorAll('tbody td:first-child')";
  const ids = `[...${cells}].map((cell) => cell.textContent)`;
  const before = await browser.evaluate<string[]>(ids);
  await browser.evaluate("document.querySelector('.sortable th').click()");
  const after = await browser.evaluate<string[]>(ids);
  expect(after).not.toEqual(before);
  expect(after).toEqual(before.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })));
  expect(await browser.evaluate(widthOf)).toBeLessThanOrEqual(0);
  const light = await browser.evaluate(inkOf);
  const features = [{ name: 'prefers-color-scheme', value: 'dark' }];
  await browser.send('Emulation.setEmulatedMedia', { features });
  expect(await browser.evaluate(inkOf)).not.toBe(light);
  const printed = await browser.send<{ data: string }>('Page.printToPDF');
  expect(Buffer.from(printed.data, 'base64').toString('latin1', 0, 5)).toBe('%PDF-');
  expect(browser.requests).toEqual([url]);
});

/** How far the page is wider than its window. */
const widthOf = 'document.documentElement.scrollWidth - innerWidth';
const inkOf = 'getComputedStyle(document.body).color';

async function hostilePage(dir: string): Promise<string> {
  const { ops } = PLANTED_BUGS['unlink-forgets-whiteout'] ?? {};
  if (ops === undefined) throw new RangeError('the bug is gone');
  const { record, result } = await playCampaign({ dir: join(dir, 'found'), scenarios: 20, ops });
  const findings = record.findings.map((one) => ({ ...one, cause: HOSTILE }));
  return pageOf([{ record: { ...record, findings }, result: { ...result, findings } }], readTrace);
}
