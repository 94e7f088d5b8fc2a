import { TREE, TREE_FLAG } from '../protocol/protocol.ts';
import type { Instruction } from '../protocol/read-program.ts';
import { cString, placesIn } from './c-text.ts';

/** What is done to a whole tree is done by the tools that one would use. */
export function treeCommand(tree: Extract<Instruction, { op: 'tree' }>, mayFail: boolean): string {
  const { action, flags, owner, paths } = tree;
  const [from = '', to = ''] = paths.map((path) => shellWord(placesIn(path)));
  // A root stays.
  if (action === TREE.remove && /\/\.'?$/.test(from)) return `find ${from} -mindepth 1 -delete`;
  if (action === TREE.remove) return `rm -r ${from}`;
  if (action === TREE.chown) {
    const [uid, gid] = owner;
    const group = gid < 0 ? '' : `:${gid}`;
    return `chown -hR ${uid < 0 ? '' : uid}${group} ${from}`;
  }
  const kept = ['mode', 'ownership', 'timestamps'];
  if ((flags & TREE_FLAG.xattrs) !== 0) kept.push('xattr');
  if ((flags & TREE_FLAG.links) !== 0) kept.push('links');
  // A copy goes to a path that is free.
  const isFree = `test ! -e ${to} && test ! -L ${to} && `;
  const copy = `${mayFail ? isFree : ''}cp -RTP --preserve=${kept.join(',')} ${from}`;
  if (!to.startsWith(`${from}/`)) return `${copy} ${to}`;
  // cp(1) copies nothing into itself.
  const aside = `${/^(?:f\d+\/)?[^/]+/.exec(to)?.[0] ?? ''}.new`;
  return `${copy} ${aside} && mv -T ${aside} ${to}`;
}

export function treeText(tree: Extract<Instruction, { op: 'tree' }>, mayFail: boolean): string {
  return `shell(${cString(treeCommand(tree, mayFail))})`;
}

function shellWord(text: string): string {
  return /^[\w./+@%:,=#-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
