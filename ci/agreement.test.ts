import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { OPS } from '../model/ops/index.ts';
import { RULES } from '../model/rules.ts';
import { ROOT, nodesOf, syntaxOf, textOf, trackedFiles } from './sources.ts';

// Things that are written down in two places, and must say the same in both.

const FILES = trackedFiles();
const MODEL_FILES = FILES.filter((file) => /^model\/.*(?<!\.test)\.ts$/.test(file));

test('every rule that the model cites is defined', () => {
  const cited = MODEL_FILES.flatMap((file) => citationsIn(file).map((id) => ({ file, id })));
  expect(cited.length).toBeGreaterThan(0);
  expect(cited.filter(({ id }) => !(id in RULES))).toEqual([]);
});

test('every rule that is defined is cited by the model', () => {
  // An id may be chosen in one place and cited in another, so any mention of it counts.
  const mentioned = new Set(
    MODEL_FILES.filter((file) => !/^model\/rules(-[\w-]+)?\.ts$/.test(file))
      .flatMap((file) => [...nodesOf(syntaxOf(file))])
      .filter((node) => ts.isStringLiteral(node))
      .map((node) => node.text),
  );
  expect(Object.keys(RULES).filter((id) => !mentioned.has(id))).toEqual([]);
});

test('every rule is one sentence with a source, under a slug', () => {
  for (const [id, { says, source }] of Object.entries<{ says: string; source: string }>(RULES)) {
    expect(id).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+$/);
    expect(says, id).toMatch(/^\S.*\.$/);
    expect(source, id).not.toBe('');
  }
});

test('protocol.h is what c-header.ts prints', () => {
  const args = [`${ROOT}/harness/protocol/c-header.ts`];
  const printed = execFileSync(process.execPath, args, { encoding: 'utf8' });
  expect(printed).toBe(textOf('harness/executor/protocol.h'));
});

test('every JSON file of fixtures/ parses', () => {
  const fixtures = FILES.filter((file) => /^fixtures\/.*\.json$/.test(file));
  for (const file of fixtures)
    expect(() => JSON.parse(textOf(file)) as unknown, file).not.toThrow();
});

test('every operation is in the file that its name says', () => {
  const files = Object.keys(OPS).map(
    (name) => `model/ops/${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`,
  );
  expect(files.filter((file) => !FILES.includes(file))).toEqual([]);
});

test('every command that the documents name exists', () => {
  const documents = FILES.filter((file) => file.endsWith('.md'))
    .map(textOf)
    .join('\n');
  const named = (pattern: RegExp): string[] =>
    [...documents.matchAll(pattern)].map((match) => match[1]!);

  const scripts: object = JSON.parse(textOf('package.json')).scripts;
  const missing = named(/\bnpm run (?:--silent )?([a-z][a-z:-]*)/g);
  expect(missing.filter((script) => !(script in scripts))).toEqual([]);

  const programs = named(/(?:^|[\s`(])(\.?ci\/[a-z]+)(?=$|[\s`),.])/gm);
  expect(programs).toContain('ci/check');
  for (const program of programs) {
    expect(() => {
      accessSync(`${ROOT}/${program}`, constants.X_OK);
    }, program).not.toThrow();
  }
});

/** The ids in `rule('...')` and `context.rule(condition ? '...' : '...')`. */
function citationsIn(file: string): readonly string[] {
  return [...nodesOf(syntaxOf(file))]
    .filter((node) => ts.isCallExpression(node))
    .filter((call) => /(^|\.)rule$/.test(call.expression.getText()))
    .flatMap((call) => call.arguments.flatMap((argument) => [...nodesOf(argument)]))
    .filter((node) => ts.isStringLiteral(node))
    .map((node) => node.text)
    .filter((text) => text.includes('/'));
}
