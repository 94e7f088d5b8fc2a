import type { Context } from './ops/op.ts';
import { anyAlias } from './overlay/alias.ts';
import { usedDentries } from './overlay/evict.ts';
import type { OvlDentry, OvlInode, World } from './state.ts';
import type { Target } from './walk.ts';

/** An inode that inotify(7) watches, which holds it, and what was told. */
export interface Watch {
  readonly inode: OvlInode;
  readonly told: string[];
  /** How many renames were told of, each by a cookie of its own. */
  cookies: number;
  /** It ends with what it watches. */
  isOver: boolean;
}

type Event =
  | ('IN_ACCESS' | 'IN_MODIFY' | 'IN_ATTRIB' | 'IN_MODIFY|IN_ATTRIB')
  | ('IN_OPEN' | 'IN_CLOSE_WRITE' | 'IN_CREATE' | 'IN_DELETE')
  | ('IN_MOVED_FROM' | 'IN_MOVED_TO' | 'IN_MOVE_SELF' | 'IN_DELETE_SELF' | 'IN_IGNORED');

/** A name in a directory. */
export interface Named {
  readonly parent: OvlDentry;
  readonly name: string;
}

/** Starts to watch an inode. */
export function startWatch(world: World, inode: OvlInode): Watch {
  const watch = { inode, told: [], cookies: 0, isOver: false };
  world.watch = watch;
  return watch;
}

/** An object was opened, used or changed: it is told by itself, its directory by its name. */
export function tellUsed(context: Context, { dentry, inode }: Target, event: Event): void {
  const { watch } = context.world;
  if (watch === null) return;
  const text = withType(event, inode);
  tellSelf(context, inode, text);
  // What goes through a fifo is none of its directory's business.
  const isInFifo = inode.type === 'fifo' && event === 'IN_MODIFY';
  if (watch.inode !== dentry.parent?.inode || isInFifo) return;
  tell(watch, `${text} ${dentry.name}`);
}

export function tellCreated(context: Context, { parent, name }: Named, isDir: boolean): void {
  tellOfName(context, { parent, name }, isDir ? 'IN_CREATE|IN_ISDIR' : 'IN_CREATE');
}

/** An object has a name more. */
export function tellLinked(context: Context, inode: OvlInode, named: Named): void {
  tellSelf(context, inode, 'IN_ATTRIB');
  tellCreated(context, named, false);
}

/** A name was taken away; a file is told that it has one less. */
export function tellRemoved(context: Context, dentry: OvlDentry): void {
  const { parent, name, inode } = dentry;
  if (parent === null || inode === null) return;
  tellOfName(context, { parent, name }, withType('IN_DELETE', inode));
  if (inode.type !== 'dir') tellSelf(context, inode, 'IN_ATTRIB');
  tellIfLast(context, dentry);
}

/** A name became another one, and what had that one before has lost it. */
export function tellMoved(
  context: Context,
  inode: OvlInode,
  [from, to]: readonly [from: Named, to: Named],
  replaced: OvlDentry | null,
): void {
  const { watch } = context.world;
  if (watch === null) return;
  const cookie = watch.cookies + 1;
  if (tellOfName(context, from, withType('IN_MOVED_FROM', inode), cookie)) watch.cookies = cookie;
  if (tellOfName(context, to, withType('IN_MOVED_TO', inode), cookie)) watch.cookies = cookie;
  const other = replaced?.inode ?? null;
  if (other !== null) tellSelf(context, other, withType('IN_ATTRIB', other));
  tellSelf(context, inode, 'IN_MOVE_SELF');
  if (replaced !== null) tellIfLast(context, replaced);
}

/** With its last name an object is gone, once nobody has it open by the name that is taken. */
function tellIfLast({ world, semantics, rule }: Context, dentry: OvlDentry): void {
  const { watch } = world;
  const { inode } = dentry;
  if (inode === null || inode !== watch?.inode || inode.vfsNlink > 0) return;
  if (usedDentries(world).has(dentry)) return;
  if (anyAlias(world, inode) !== null) {
    const waits = semantics.behaviour.deleteSelf === 'waits for all names';
    rule(waits ? 'watch/waits-for-open-names' : 'watch/ends-with-last-name');
    if (waits) return;
  }
  tell(watch, 'IN_DELETE_SELF');
  tell(watch, 'IN_IGNORED');
  watch.isOver = true;
}

/** An inode is told of what happens to it, another one of the same lower file is not. */
function tellSelf({ world: { watch }, rule }: Context, inode: OvlInode, text: string): void {
  if (watch === null) return;
  if (watch.inode === inode) tell(watch, text);
  else if (isOfSameLower(watch.inode, inode)) rule('watch/of-another-name');
}

function isOfSameLower({ lowers: [lower] }: OvlInode, other: OvlInode): boolean {
  return lower !== undefined && lower.type !== 'dir' && other.lowers[0] === lower;
}

/** Whether the directory is watched. */
function tellOfName(
  { world: { watch } }: Context,
  { parent, name }: Named,
  text: string,
  cookie?: number,
): boolean {
  if (parent.inode === null || watch?.inode !== parent.inode) return false;
  tell(watch, cookie === undefined ? `${text} ${name}` : `${text} ${name} #${cookie}`);
  return true;
}

/** What is the same as the last thing that was told is not told once more. */
function tell({ told, isOver }: Watch, text: string): void {
  if (!isOver && told.at(-1) !== text) told.push(text);
}

function withType(event: Event, { type }: OvlInode): string {
  return type === 'dir' ? `${event}|IN_ISDIR` : event;
}
