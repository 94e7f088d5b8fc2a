import type { Step } from './ops/index.ts';

/** What is made and written while somebody watches. */
export const WATCHED_MODE = 0o600;
export const WATCHED_BYTES = 'told';
const WATCHED_SIZE = 3;
const WATCHED_XATTR = 'trusted.a';
/** How what is written to is opened. */
export const WATCHED_FLAGS = ['O_WRONLY', 'O_CREAT'] as const;

type Change = Extract<
  Step,
  { op: 'unlink' | 'rmdir' | 'rename' | 'link' | 'mkdir' | 'chmod' | 'truncate' | 'setxattr' }
>;
type Args = Extract<Step, { op: 'watchChange' }>['args'];

/** What is done while somebody watches, as a step of its own; null for what is written. */
export function stepOfChange({ change, name, to }: Args): Change | null {
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
