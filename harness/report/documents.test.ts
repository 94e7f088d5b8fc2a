import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import * as v from 'valibot';
import { beforeAll, expect, test } from 'vitest';
import { PLANTED_BUGS } from '../../properties/planted-bugs.ts';
import { playCampaign } from '../cli/played-campaign.ts';
import { makeScratchFolder } from '../scratch.ts';
import { annotations } from './annotations.ts';
import type { StoredCampaign } from './campaign-record.ts';
import { DOCUMENTS, runDocument } from './document.ts';
import { escapeMarkup } from './escape.ts';
import { SCHEMA } from './json-schema.ts';
import { junitXml } from './junit.ts';
import { summaryMarkdown } from './summary.ts';

const HOSTILE = '<a href="x">&amp;\n::error::]]>\u0000\u0007\ud800\u202e\'%0A,:';

let found: StoredCampaign;
let held: StoredCampaign;
let hostile: StoredCampaign;

beforeAll(async () => {
  await using scratch = await makeScratchFolder();
  const { ops } = PLANTED_BUGS['unlink-forgets-whiteout'] ?? {};
  if (ops === undefined) throw new RangeError('the bug is gone');
  found = await playCampaign({ dir: join(scratch.path, 'found'), scenarios: 12, ops });
  held = await playCampaign({ dir: join(scratch.path, 'held'), scenarios: 3 });
  const { record, result } = found;
  const findings = record.findings.map((one) => ({
    ...{ ...one, cause: HOSTILE, text: HOSTILE, file: `${HOSTILE}.json` },
    reproduced: { times: 0, of: 2 },
  }));
  hostile = {
    record: { ...record, options: HOSTILE, findings },
    result: { ...result, trouble: HOSTILE, findings },
  };
});

test('schema.json is what json-schema.ts prints', () => {
  expect(readFileSync(join(import.meta.dirname, 'schema.json'), 'utf8')).toBe(SCHEMA);
});

test('what a campaign ends with is what the schema says', () => {
  expect(found.result).toMatchObject({ verdict: 'differs', seed: 1 });
  const validate = new Ajv().compile({ ...JSON.parse(SCHEMA), anyOf: [{ $ref: runRef }] });
  for (const { result } of [found, held, hostile]) {
    const document: unknown = JSON.parse(JSON.stringify(result));
    expect(v.parse(runDocument, document)).toEqual(document);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  }
  for (const broken of [
    { ...found.result, verdict: 'fine' },
    { ...found.result, kernels: null },
  ]) {
    expect(validate(broken)).toBe(false);
    expect(v.safeParse(runDocument, broken).success).toBe(false);
  }
});

const runRef = '#/definitions/run';

test('the schema names every document that a command prints', () => {
  const { definitions } = JSON.parse(SCHEMA) as { definitions: object };
  expect(Object.keys(definitions)).toEqual(Object.keys(DOCUMENTS));
});

test('JUnit has a case that fails for each finding, and one for all that was checked', () => {
  const text = junitXml([found, held]);
  expectWellFormed(text);
  expect(text).toMatch(/<testsuites name="ovlcheck" tests="3" failures="1" errors="0"/);
  expect(text.match(/<testsuite /g)).toHaveLength(2);
  expect(text).toContain('name="lockstep on 6.12.7 (model)"');
  expect(text).toMatch(/<failure type="difference" message="unlink [^"]*">DIFFERENCE: unlink/);
});

test('JUnit stays one document, whatever names hold', () => {
  const text = junitXml([hostile]);
  expectWellFormed(text);
  expect(text).toContain('tests="2" failures="0" errors="2"');
  expect(text).toContain('::error::]]&gt;\\x00\\x07\\ud800\\u202e&#39;%0A,:');
});

test('an annotation is one line, and nothing in it begins another', () => {
  const lines = annotations([found, hostile, held], '/nowhere');
  expect(lines.map((line) => /^::(error|warning) /.exec(line)?.[1])).toEqual([
    ...['error', 'warning', 'error'],
  ]);
  expect(lines.join('')).not.toMatch(/[\r\n]/);
  expect(lines[0]).toMatch(/finding-1\.json,title=6\.12\.7 \(model\)%3A unlink .*::DIFFERENCE/);
  expect(lines[1]).toContain('::<a href="x">&amp;%0A::error::');
  expect(lines[1]).toContain('%250A%2C%3A');
});

test('a summary is a table and blocks that nothing in a text ends', () => {
  const text = summaryMarkdown([found, held]);
  expect(text).toMatch(/^## ovlcheck\n\n\| kernel \|/);
  expect(text).toMatch(/\| 6\.12\.7 \(model\) \| lockstep \| tmpfs \| .* \| 1 \| 0 \| differs \|/);
  expect(text).toContain('```text\nDIFFERENCE: unlink');
  const [finding] = hostile.record.findings;
  if (finding === undefined) throw new RangeError('no finding');
  const findings = [{ ...finding, cause: '| a <b>\n# c', text: '```\n````\n# d' }];
  const other = summaryMarkdown([{ ...hostile, record: { ...hostile.record, findings } }]);
  expect(other).toContain('### \\| a \\<b\\> \\# c\n\n`````text\n```\n````\n# d\n`````\n');
});

test('markup leaves ordinary text alone', () => {
  expect(escapeMarkup('a/b é 日本 \u{1f427}\n\t')).toBe('a/b é 日本 \u{1f427}\n\t');
});

/** Every element is closed in order, and no text holds what would be markup. */
function expectWellFormed(xml: string): void {
  const open: string[] = [];
  const body = xml.replace(/^<\?xml [^>]*\?>\n/, '');
  const rest = body.replaceAll(
    /<(\/?)([a-z-]+)((?: [a-z]+="[^"<>]*")*)(\/?)>/g,
    (_, end: string, name: string, attributes: string, empty: string) => {
      if (end !== '') expect(open.pop()).toBe(name);
      else if (empty === '') open.push(name);
      return attributes;
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|#39|#9|#10);)/);
  // No control character but those, and no half of a pair.
  expect(rest).toMatch(/^[\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
}
