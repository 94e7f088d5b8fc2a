import type { Step } from './ops/index.ts';
import { printStep } from './print-step.ts';
import { printFlags, printPosition, quote } from './print.ts';
import { stepOfChange, WATCHED_BYTES, WATCHED_FLAGS } from './watched-step.ts';

/** Calls on open files that are made by recipes, as strace prints them; null for all others. */
export function printOnFile(step: Step): string | null {
  switch (step.op) {
    case 'ofdLock': {
      const { fd, type, start, length } = step.args;
      return `fcntl(fd${fd}, F_OFD_SETLK, {${type}, SEEK_SET, ${start}, ${length}})`;
    }
    case 'watch': {
      const { path, flags, bytes } = step.args;
      const use = `openat(AT_FDCWD, ${quote(path)}, ${printFlags(flags)}), read, write`;
      return `inotify_add_watch(..., ${quote(path)}, IN_ALL_EVENTS), ${use} ${quote(bytes)}`;
    }
    case 'watchChange':
      return printWatched(step.args);
    case 'statfs':
      return `statfs(${quote(step.args.path)}, ...), statfs(upper, ...)`;
    case 'fsIoctl':
      return `ioctl(fd${step.args.fd}, ${step.args.request}, ...)`;
    case 'strictRead': {
      const { path, flags } = step.args;
      const use = `openat(AT_FDCWD, ${quote(path)}, ${printFlags(['O_RDONLY', ...flags])}), read`;
      return `mount(".", "beside", NULL, MS_BIND|MS_STRICTATIME), ${use}`;
    }
    case 'openLeased': {
      const { fd, type, path, flags } = step.args;
      const lease = `fcntl(fd${fd}, F_SETLEASE, ${type})`;
      return `${lease}, openat(AT_FDCWD, ${quote(path)}, ${printFlags(flags)}|O_NONBLOCK)`;
    }
    case 'dedupe': {
      const { fd, offset, toFd, toOffset, size } = step.args;
      return `ioctl(fd${fd}, FIDEDUPERANGE, {${offset}, ${size}, fd${toFd}, ${toOffset}})`;
    }
    case 'lease':
      return `fcntl(fd${step.args.fd}, F_SETLEASE, ${step.args.type})`;
    case 'sendfile': {
      const { fd, offset, size } = step.args;
      return `sendfile(memfd, fd${fd}, ${printPosition(offset)}, ${size})`;
    }
    case 'sendfileTo': {
      const { fd, bytes } = step.args;
      return `sendfile(fd${fd}, memfd of ${quote(bytes)}, NULL, ${bytes.length})`;
    }
    case 'setFlags':
      return `ioctl(fd${step.args.fd}, FS_IOC_SETFLAGS, ${printFlags(step.args.flags)})`;
    case 'toggleXflags':
      return `ioctl(fd${step.args.fd}, FS_IOC_FSSETXATTR, ... ^ ${printFlags(step.args.flags)})`;
    case 'getcwd':
      return `fchdir(fd${step.args.fd}), getcwd(..., 4096)`;
    case 'pwritev2': {
      const { fd, bytes, offset, flags } = step.args;
      const iov = `[{${quote(bytes)}, ${bytes.length}}]`;
      return `pwritev2(fd${fd}, ${iov}, 1, ${offset}, ${printFlags(flags)})`;
    }
    case 'execute':
      return `execve(${quote(step.args.path)}, NULL, NULL) in fd${step.args.slot}`;
    case 'fdPath':
      return `readlink("/proc/self/fd/${step.args.fd}")`;
    case 'reopenFd': {
      const { fd, flags } = step.args;
      return `openat(AT_FDCWD, "/proc/self/fd/${fd}", ${printFlags(flags)})`;
    }
    case 'openat2': {
      const { path, flags, mode, resolve } = step.args;
      const how = `{${printFlags(flags)}, 0${mode.toString(8)}, ${printFlags(resolve)}}`;
      return `openat2(., ${quote(path)}, ${how}, 24)`;
    }
    default:
      return null;
  }
}

function printWatched(args: Extract<Step, { op: 'watchChange' }>['args']): string {
  const { path, caches, name } = args;
  const dropping = caches === 'dropped' ? 'mount(NULL, ".", NULL, MS_REMOUNT, NULL), ' : '';
  const step = stepOfChange(args);
  const opening = `openat(AT_FDCWD, ${quote(name)}, ${printFlags(WATCHED_FLAGS)})`;
  const change = step === null ? `${opening}, write ${quote(WATCHED_BYTES)}` : printStep(step);
  return `inotify_add_watch(..., ${quote(path)}, IN_ALL_EVENTS), ${dropping}${change}`;
}
