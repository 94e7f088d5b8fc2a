import { basename, extname } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { functionsOf, functionsOfC, importsOf, nodesOf } from './sources.ts';
import { syntaxOf, textOf, trackedFiles } from './sources.ts';

const FILES = trackedFiles();
const TS_FILES = FILES.filter((file) => file.endsWith('.ts'));
const TEST_FILES = TS_FILES.filter((file) => file.endsWith('.test.ts'));
const C_FILES = FILES.filter((file) => /\.[ch]$/.test(file));
const WRITTEN_FILES = FILES.filter((file) => file !== 'package-lock.json');

/** Which files a folder may import. Entry points (tests, harness/cli, ci) may import anything. */
const MAY_IMPORT = {
  model: [/^model\//],
  harness: [/^model\//, /^harness\/(?!cli\/)/, /^node:/, /^(execa|tmp|valibot)$/],
  properties: [/^model\//, /^properties\//, /^harness\/kernel\.ts$/, /^node:util$/, /^fast-check$/],
};
const ENTRY_POINT = /\.test\.ts$|^harness\/cli\//;

/** Packages that one file alone wraps, so that what the rest relies on can be seen there. */
const ONLY_IMPORTED_BY = { execa: 'harness/process.ts', tmp: 'harness/scratch.ts' };

/** What the customer fixed, then what tools and readers look for at a root. */
const TOP_LEVEL = [
  ...['package.json', 'tsconfig.json', 'README.md'],
  ...['model', 'harness', 'properties', 'fixtures', 'ci'],
  ...['package-lock.json', '.gitignore', '.ci', '.github', 'LICENSE', 'ARCHITECTURE.md'],
];
/** Nothing built, fetched or cached is committed, so every file is of a kind that people write. */
const WRITTEN_BY_PEOPLE = /\.(ts|js|c|h|json|md|sh|txt|yml)$|^ci\/[a-z]+$|^\.ci\/run$|\/Makefile$/;
const SAYS_NOTHING = /^(utils?|helpers?|common|types|misc|shared)\.(ts|c|h)$/;

const LINE_WIDTH = 100;
const FUNCTION_LINES_MAX = 70;
const FILE_LINES_MAX = { '.ts': 300, '.c': 600 };

/** Every line in which a pattern stands, as `file:line: text`. */
function grep(files: readonly string[], pattern: RegExp, text = textOf): readonly string[] {
  return files.flatMap((file) =>
    text(file)
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
}

const modelFiles = TS_FILES.filter(
  (file) => file.startsWith('model/') && !file.endsWith('.test.ts'),
);

describe('who may import whom', () => {
  test.each(Object.entries(MAY_IMPORT))('%s/ imports only what it may', (folder, allowed) => {
    const files = TS_FILES.filter((file) => file.startsWith(`${folder}/`));
    const forbidden = files
      .filter((file) => !ENTRY_POINT.test(file))
      .flatMap((file) =>
        importsOf(file)
          .filter((target) => !allowed.some((pattern) => pattern.test(target)))
          .map((target) => `${file} must not import ${target}`),
      );
    expect(files.length, `there is no ${folder}/`).toBeGreaterThan(0);
    expect(forbidden).toEqual([]);
  });

  test.each(Object.entries(ONLY_IMPORTED_BY))('%s is imported by %s alone', (name, wrapper) => {
    const importers = TS_FILES.filter((file) => importsOf(file).includes(name));
    expect(importers).toEqual([wrapper]);
  });
});

describe('the model is pure', () => {
  test('it names no kernel version outside semantics/ and the sources of rules', () => {
    const withoutSources = (file: string): string =>
      /^model\/rules(-[\w-]+)?\.ts$/.test(file) ? blankSources(file) : textOf(file);
    const files = modelFiles.filter((file) => !file.startsWith('model/semantics/'));
    expect(grep(files, /(?<![\d.])[4-9]\.\d{1,2}(?!\d)/, withoutSources)).toEqual([]);
  });

  test('it has no clock, no randomness and no process', () => {
    const impure = /^(Date|Temporal|performance|process|crypto|fetch|set(Timeout|Interval))$/;
    const used = modelFiles.flatMap((file) =>
      [...nodesOf(syntaxOf(file))]
        .filter((node) => ts.isIdentifier(node))
        .filter((node) => impure.test(node.text) || node.parent.getText() === 'Math.random')
        .map((node) => `${file}: ${node.text}`),
    );
    expect(used).toEqual([]);
  });
});

describe('text', () => {
  test(`lines have at most ${LINE_WIDTH} columns`, () => {
    // A table row or a link cannot be broken.
    const files = FILES.filter((file) => /\.(ts|js|c|h|sh|md)$|^ci\/[a-z]+$/.test(file));
    const wide = grep(files, new RegExp(`^.{${LINE_WIDTH + 1},}$`), (file) =>
      textOf(file).replaceAll('\t', ' '.repeat(8)),
    );
    expect(wide.filter((line) => !/^\S+\.md:\d+: .*(\||:\/\/)/.test(line))).toEqual([]);
  });

  test(`functions have at most ${FUNCTION_LINES_MAX} lines`, () => {
    const functions = [...TS_FILES.flatMap(functionsOf), ...C_FILES.flatMap(functionsOfC)];
    const long = functions.filter(({ lines }) => lines > FUNCTION_LINES_MAX);
    expect(long.map(({ at, lines }) => `${at} has ${lines} lines`)).toEqual([]);
  });

  test.each(Object.entries(FILE_LINES_MAX))('*%s files are short enough', (extension, max) => {
    const long = FILES.filter((file) => extname(file) === extension && !file.endsWith('.test.ts'))
      .map((file) => ({ file, lines: textOf(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > max);
    expect(long).toEqual([]);
  });

  test('no address of a registry or mirror and no path of one machine stands anywhere', () => {
    const address =
      /\b(deb|security|snapshot|ftp)\.debian\.org|\bregistry\.[a-z]+|npmjs\.(org|com)/;
    const path = /(^|[^\w.])\/(work|farm|root|home)\/[\w.]|\/tmp\/ovl\//;
    expect(grep(WRITTEN_FILES, address)).toEqual([]);
    expect(grep(WRITTEN_FILES, path)).toEqual([]);
  });

  test('a lint rule is switched off only for a reason on the same line', () => {
    const directive = /eslint-disable|@ts-(expect-error|ignore|nocheck)/;
    const reasonless = grep(TS_FILES, directive).filter((line) => !/ -- \w|: \w+ \w+/.test(line));
    expect(reasonless).toEqual([]);
  });
});

describe('files', () => {
  test('the top level holds what the customer fixed and what readers look for', () => {
    const entries = new Set(FILES.map((file) => file.replace(/\/.*/, '')));
    expect([...entries].filter((entry) => !TOP_LEVEL.includes(entry))).toEqual([]);
  });

  test('every file is of a kind that people write', () => {
    const strange = FILES.filter((file) => file.includes('/') && !WRITTEN_BY_PEOPLE.test(file));
    expect(strange).toEqual([]);
    expect(textOf('.gitignore').split('\n')).toEqual(
      expect.arrayContaining(['ci/cache/', 'ci/reports/']),
    );
  });

  test('names of TypeScript files say something, in kebab-case', () => {
    expect(FILES.filter((file) => SAYS_NOTHING.test(basename(file)))).toEqual([]);
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.vm)?(\.(test|config))?\.ts$/;
    expect(TS_FILES.filter((file) => !kebab.test(basename(file)))).toEqual([]);
  });

  test('no file only re-exports', () => {
    const reexports = TS_FILES.filter((file) =>
      syntaxOf(file).statements.every((statement) => ts.isExportDeclaration(statement)),
    );
    expect(reexports).toEqual([]);
  });

  test('no test is left out', () => {
    const leftOut = /\b(test|it|describe|suite)\.(only|skip|todo|fails|skipIf|runIf)\b/;
    expect(grep(TEST_FILES, leftOut)).toEqual([]);
    expect(TEST_FILES.length).toBeGreaterThan(1);
  });
});

/** The text of a file of rules, with sources and the constants that they are made of left blank. */
function blankSources(file: string): string {
  const source = syntaxOf(file);
  let text = source.text;
  for (const node of nodesOf(source)) {
    const isSource = ts.isPropertyAssignment(node) && node.name.getText() === 'source';
    const isConstant = ts.isVariableDeclaration(node) && !node.name.getText().endsWith('RULES');
    if ((!isSource && !isConstant) || node.initializer === undefined) continue;
    const [start, end] = [node.initializer.getStart(), node.initializer.getEnd()];
    const blank = text.slice(start, end).replaceAll(/[^\n]/g, ' ');
    text = text.slice(0, start) + blank + text.slice(end);
  }
  return text;
}
