import type { ContextCall } from './mount-plan.ts';
import { quote } from './print.ts';

const COMMANDS = {
  string: 'FSCONFIG_SET_STRING',
  binary: 'FSCONFIG_SET_BINARY',
  path: 'FSCONFIG_SET_PATH',
  'path-empty': 'FSCONFIG_SET_PATH_EMPTY',
} as const;

/** A call on a file system context, as strace prints it. Places are known by their names. */
export function printCall(call: ContextCall): string {
  switch (call.call) {
    case 'create':
      return 'fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)';
    case 'reconfigure':
      return 'fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0)';
    case 'mount':
      return 'fsmount(fs, 0, 0), move_mount(mnt, "", AT_FDCWD, ".", MOVE_MOUNT_F_EMPTY_PATH)';
    case 'pick':
      return 'fs = fspick(AT_FDCWD, ".", 0)';
    case 'remount':
      return `mount(NULL, ".", NULL, MS_REMOUNT, ${quote(call.options)})`;
    case 'flag':
      return `fsconfig(fs, FSCONFIG_SET_FLAG, ${quote(call.key)}, NULL, 0)`;
    case 'fd': {
      const fd = call.value === '' ? 'none' : `open(${quote(call.value)}, ${call.opened})`;
      return `fsconfig(fs, FSCONFIG_SET_FD, ${quote(call.key)}, NULL, ${fd})`;
    }
    default:
      return `fsconfig(fs, ${COMMANDS[call.call]}, ${quote(call.key)}, ${quote(call.value)})`;
  }
}
