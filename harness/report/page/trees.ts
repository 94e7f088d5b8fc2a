import type { FindingTrace } from '../finding-trace.ts';
import type { Facts } from '../tree-facts.ts';
import type { TreeRow, TreeRows } from '../tree-rows.ts';
import { html } from './markup.ts';
import type { Markup } from './markup.ts';

/** Each layer as a tree, before and after the step: what changed is marked, and what differs. */
export function treeTables({ trees, sides, isModelled }: FindingTrace): readonly Markup[] {
  return trees.map((tree) => {
    const isOpen = tree.rows.some((row) => row.differences.length > 0 || isChanged(row));
    const names = lines(tree.rows);
    const [said, seen] = sides;
    // Before the mount there is nothing to tell.
    const hasBefore = tree.rows.some(({ before }) => before !== null);
    const rows = tree.rows.map((row, index) =>
      rowMarkup(row, names[index] ?? '', { isModelled, hasBefore }),
    );
    return html`<details ${isOpen ? 'open' : ''} class="tree">
      <summary>${tree.name} ${summaryOf(tree)}</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">name</th>
              ${hasBefore ? html`<th scope="col">before</th>` : null}
              ${isModelled ? html`<th scope="col">after: ${said}</th>` : null}
              <th scope="col">after: ${seen}</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>
    </details>`;
  });
}

function summaryOf({ rows, left }: TreeRows): Markup {
  const differing = rows.filter(({ differences }) => differences.length > 0).length;
  const changed = rows.filter(isChanged).length;
  const said = [
    ...(changed === 0 ? ['unchanged'] : [`${changed} changed`]),
    ...(left === 0 ? [] : [`${left} more names not shown`]),
  ];
  const mark = differing === 0 ? null : html` <b class="bad">${differing} differ</b>`;
  return html`<small>${said.join(', ')}${mark}</small>`;
}

function isChanged({ before, predicted, observed, differences }: TreeRow): boolean {
  const isPredicted = differences.length > 0 && !areEqual(before, predicted);
  return isPredicted || !areEqual(before, observed);
}

function areEqual(a: Facts | null, b: Facts | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The name of each row with the branches that lead to it. */
function lines(rows: readonly TreeRow[]): readonly string[] {
  const paths = rows.map(({ path }) => path);
  return paths.map((path, index) => {
    if (path === '') return '/';
    const parts = path.split('/');
    const branches = parts.map((_, depth) => {
      const isOwn = depth === parts.length - 1;
      const parent = parts.slice(0, depth).join('/');
      const hasNext = paths.slice(index + 1).some((later) => {
        const isBelow = parent === '' || later.startsWith(`${parent}/`);
        return isBelow && !later.startsWith(`${parts.slice(0, depth + 1).join('/')}/`);
      });
      if (isOwn) return hasNext ? '├─ ' : '└─ ';
      return hasNext ? '│  ' : '   ';
    });
    return branches.join('') + (parts.at(-1) ?? '');
  });
}

interface Columns {
  readonly isModelled: boolean;
  readonly hasBefore: boolean;
}

function rowMarkup(row: TreeRow, name: string, { isModelled, hasBefore }: Columns): Markup {
  const { before, predicted, observed, differences } = row;
  const isDifferent = differences.length > 0;
  const other = isDifferent ? predicted : observed;
  const cells = [
    ...(hasBefore ? [cell(before, before, before)] : []),
    ...(isModelled ? [cell(predicted, before, isDifferent ? observed : predicted)] : []),
    cell(observed, before, other),
  ];
  const kind = isDifferent ? 'differs' : hasBefore && isChanged(row) ? 'changed' : 'same';
  return html`<tr class="${kind}">
      <th scope="row">${name}</th>
      ${cells}
    </tr>
    ${differences.map(
      (text) =>
        html`<tr class="note">
          <td colspan="${cells.length + 1}">${text}</td>
        </tr>`,
    )}`;
}

/** What is said of an object: marked where it was otherwise before, or where the other differs. */
function cell(facts: Facts | null, before: Facts | null, other: Facts | null): Markup {
  const differs = !areEqual(facts, other) ? ' bad' : '';
  if (facts === null) return html`<td class="nothing${differs}">nothing</td>`;
  const words = Object.entries(facts).map(([field, text]) => {
    const isNew = before !== null && before[field] !== text;
    const isOther = other !== null && other[field] !== text;
    const kind = isOther ? 'bad' : isNew ? 'new' : 'fact';
    return html`<span class="${kind}" title="${field}">${text}</span> `;
  });
  const lost = Object.keys(before ?? {}).filter((field) => !(field in facts));
  const gone = lost.map((field) => html`<s title="no longer there">${before?.[field] ?? ''}</s> `);
  const isFresh = before === null ? ' fresh' : '';
  const isMissing = other === null ? ' bad' : '';
  return html`<td class="facts${isFresh}${isMissing}">${words}${gone}</td>`;
}
