import type { Step } from './ops/index.ts';
import type { ArgKinds } from './ops/op.ts';
import { beneathPath } from './ops/change-beneath.ts';
import { BESIDE_BYTES, BESIDE_MODE } from './ops/mount-beside.ts';
import { printFault } from './print-faults.ts';
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
    case 'fillUp':
      return `fill(upper, ${step.args.room})`;
    case 'makeRoom':
      return 'unlink(upper, what filled it)';
    case 'remount':
      return 'umount2(".", 0), mount("overlay", ".", ...)';
    case 'rotate':
      return 'umount2(".", 0), mount("overlay", ".", upper and work new, upper is l0)';
    case 'mountOther': {
      const { options, lowers } = step.args;
      const layers = lowers === 'reversed' ? 'lower layers reversed, ' : '';
      return `umount2(".", 0), mount("overlay", ".", ${layers}${quote(options)}), remount`;
    }
    case 'mountWith':
      return `umount2(".", 0), mount("overlay", ".", ${quote(step.args.options)})`;
    case 'mountBeside': {
      const { options } = step.args;
      const mounting = `mount("overlay", "beside", upper and work of its own, ${quote(options)})`;
      return `${mounting}, ${printChange(step.args)}umount2("beside", 0)`;
    }
    case 'changeBeneath':
      return printBeneath(step.args);
    case 'mountBusy': {
      const { options, taken } = step.args;
      return `mount("overlay", "beside", takes ${taken}, ${quote(options)}), umount2, remount`;
    }
    case 'offlineChownTree': {
      const { path, uid, gid } = step.args;
      return `chown -R ${uid}:${gid} ${quote(path)}`;
    }
    case 'offlineRemoveTree':
      return `rm -r ${quote(step.args.path)}`;
    case 'offlineCopy': {
      const { from, to, keeps } = step.args;
      return `cp ${printKept(keeps)} ${quote(from)} ${quote(to)}`;
    }
    case 'offlineReplace': {
      const { by, work, otherFs } = step.args;
      const copied = otherFs > 0 ? `to f${otherFs}` : 'back';
      const how = by === 'empty' ? 'rm -r, mkdir' : `mv away, cp ${printKept(by)} ${copied}`;
      return work === 'emptied' ? `${how}; work: rm -r, mkdir` : how;
    }
    default:
      return printFault(step);
  }
}

/** As cp(1) would be asked for it. */
function printKept(keeps: ArgKinds['copyKeeps']): string {
  return ['-r --preserve=ownership', 'mode', 'timestamps', ...keeps.toSorted()]
    .join(',')
    .replace('xattrs', 'xattr');
}

function printBeneath({
  path,
  change,
  call,
}: Extract<Step, { op: 'changeBeneath' }>['args']): string {
  const to = call === 'rename' ? `, ${quote(beneathPath(path))}` : '';
  return `${change}("u/${path}"), ${call}(${quote(path)}${to}), remount`;
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
