import type { Step } from './ops/index.ts';
import { BESIDE_BYTES, BESIDE_MODE } from './ops/mount-beside.ts';
import { quote } from './print.ts';

/** What happens around the mount, or to it; null for all else. */
export function printAround(step: Step): string | null {
  switch (step.op) {
    case 'dropCaches':
      return 'mount(NULL, ".", NULL, MS_REMOUNT, NULL)';
    case 'reconfigure': {
      const { access, options } = step.args;
      const flags = access === 'ro' ? 'MS_REMOUNT|MS_RDONLY' : 'MS_REMOUNT';
      return `mount(NULL, ".", NULL, ${flags}, ${options === '' ? 'NULL' : quote(options)})`;
    }
    case 'remount':
      return 'umount2(".", 0), mount("overlay", ".", ...)';
    case 'rotate':
      return 'umount2(".", 0), mount("overlay", ".", upper and work new, upper is l0)';
    case 'mountOther': {
      const { options, lowers } = step.args;
      const layers = lowers === 'reversed' ? 'lower layers reversed, ' : '';
      return `umount2(".", 0), mount("overlay", ".", ${layers}${quote(options)}), remount`;
    }
    case 'mountBeside': {
      const { options } = step.args;
      const mounting = `mount("overlay", "beside", upper and work of its own, ${quote(options)})`;
      return `${mounting}, ${printChange(step.args)}umount2("beside", 0)`;
    }
    case 'mountBusy': {
      const { options, taken } = step.args;
      return `mount("overlay", "beside", takes ${taken}, ${quote(options)}), umount2, remount`;
    }
    default:
      return null;
  }
}

function printChange({ change, path }: Extract<Step, { op: 'mountBeside' }>['args']): string {
  const name = quote(`beside/${path}`);
  const mode = `0${BESIDE_MODE.toString(8)}`;
  const writing = `pwrite64(..., ${quote(BESIDE_BYTES)}, ${BESIDE_BYTES.length}, 0), `;
  switch (change) {
    case 'none':
      return '';
    case 'create':
      return `openat(AT_FDCWD, ${name}, O_WRONLY|O_CREAT|O_EXCL, ${mode}), ${writing}`;
    case 'write':
      return `openat(AT_FDCWD, ${name}, O_WRONLY), ${writing}`;
    case 'chmod':
      return `fchmodat(AT_FDCWD, ${name}, ${mode}), `;
    case 'unlink':
      return `unlinkat(AT_FDCWD, ${name}, 0), `;
    case 'rmdir':
      return `unlinkat(AT_FDCWD, ${name}, AT_REMOVEDIR), `;
  }
}
