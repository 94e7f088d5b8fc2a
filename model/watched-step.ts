import type { Step } from './ops/index.ts';
import { WATCHED_BYTES, WATCHED_MODE, WATCHED_SIZE, WATCHED_XATTR } from './ops/watch-change.ts';

type Args = Extract<Step, { op: 'watchChange' }>['args'];

/** What is done while somebody watches, as a step of its own; null for what is written. */
export function stepOfChange({ change, name, to }: Args): Step | null {
  switch (change) {
    case 'unlink':
    case 'rmdir':
      return { op: change, args: { path: name } };
    case 'rename':
      return { op: 'rename', args: { from: name, to, flags: [] } };
    case 'exchange':
      return { op: 'rename', args: { from: name, to, flags: ['RENAME_EXCHANGE'] } };
    case 'link':
      return { op: 'link', args: { from: name, to, flags: [] } };
    case 'mkdir':
    case 'chmod':
      return { op: change, args: { path: name, mode: WATCHED_MODE } };
    case 'truncate':
      return { op: 'truncate', args: { path: name, offset: WATCHED_SIZE } };
    case 'setxattr': {
      const value = { name: WATCHED_XATTR, value: WATCHED_BYTES, flags: [] };
      return { op: 'setxattr', args: { path: name, ...value } };
    }
    case 'write':
      return null;
  }
}
