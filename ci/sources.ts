import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import ts from 'typescript';

export const ROOT = resolve(import.meta.dirname, '..');

/** What .gitignore names, for where there is no git to ask. */
const NOT_OURS = /^(\.git|node_modules|ci\/cache|ci\/reports)(\/|$)/;

/** What git would commit. Without git (a tarball, a bare container), all but what it ignores. */
export function trackedFiles(): readonly string[] {
  try {
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio });
    return listed.split('\0').filter((file) => file !== '' && existsSync(`${ROOT}/${file}`));
  } catch {
    return readdirSync(ROOT)
      .filter((name) => !NOT_OURS.test(name))
      .flatMap((name) => filesUnder(name))
      .filter((file) => !NOT_OURS.test(file));
  }
}

function filesUnder(path: string): readonly string[] {
  if (!statSync(`${ROOT}/${path}`).isDirectory()) return [path];
  return readdirSync(`${ROOT}/${path}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, `${entry.parentPath}/${entry.name}`));
}

export function textOf(file: string): string {
  return readFileSync(`${ROOT}/${file}`, 'utf8');
}

export function syntaxOf(file: string): ts.SourceFile {
  return ts.createSourceFile(file, textOf(file), ts.ScriptTarget.ESNext, true);
}

export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesOf(child);
}

/** What a file imports: paths from the root of the checkout, or names of packages and of Node's. */
export function importsOf(file: string): readonly string[] {
  return ts.preProcessFile(textOf(file)).importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith('.')) return fileName;
    return new URL(fileName, `file:///${file}`).pathname.slice(1);
  });
}

export interface FunctionExtent {
  readonly at: string;
  readonly lines: number;
}

/** Functions of a TypeScript file. The body of a `describe` is a list, not a function to read. */
export function functionsOf(file: string): readonly FunctionExtent[] {
  const source = syntaxOf(file);
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  return [...nodesOf(source)]
    .filter((node) => ts.isFunctionLike(node))
    .filter((node) => !ts.isCallExpression(node.parent) || !isDescribe(node.parent))
    .map((node) => ({
      at: `${file}:${lineOf(node.getStart()) + 1}`,
      lines: lineOf(node.getEnd()) - lineOf(node.getStart()) + 1,
    }));
}

function isDescribe(call: ts.CallExpression): boolean {
  return call.expression.getText().startsWith('describe');
}

/** Functions of a C file in kernel style: the braces of a body stand in the first column. */
export function functionsOfC(file: string): readonly FunctionExtent[] {
  const found: FunctionExtent[] = [];
  let openedAt: number | null = null;
  for (const [index, line] of textOf(file).split('\n').entries()) {
    if (line === '{') openedAt = index;
    if (line !== '}' || openedAt === null) continue;
    found.push({ at: `${file}:${openedAt}`, lines: index - openedAt + 1 });
    openedAt = null;
  }
  return found;
}
