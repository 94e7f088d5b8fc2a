import type { Step } from './ops/index.ts';
import { quote } from './print.ts';

/** Devices that fail, and who is told of it beside the overlay; null for all else. */
export function printFault(step: Step): string | null {
  switch (step.op) {
    case 'failDevice':
      return 'fsync(device), ioctl(device, DM_TABLE_LOAD, flakey error_writes)';
    case 'repairDevice':
      return 'ioctl(device, DM_TABLE_LOAD, linear)';
    case 'secondMount': {
      const { options } = step.args;
      return `mount("overlay", "second", upper and work of its own, ${quote(options)})`;
    }
    case 'outsideOpen': {
      const { outside, place, path, access } = step.args;
      const flags = access === 'rw' ? 'O_RDWR' : 'O_RDONLY';
      return `outside${outside} = open(${quote(`${place}/${path}`)}, ${flags}|O_NOFOLLOW)`;
    }
    case 'nfsMount':
      return `exportfs("."), mount(${quote(step.args.version)}, noac)`;
    case 'outsideRead': {
      const { outside, size, offset } = step.args;
      return `pread64(outside${outside}, ${size}, ${offset})`;
    }
    case 'outsideClose':
      return `close(outside${step.args.outside})`;
    case 'outsideWrite': {
      const { outside, bytes, offset } = step.args;
      return `pwrite64(outside${outside}, ${quote(bytes)}, ${bytes.length}, ${offset})`;
    }
    case 'sync':
      return 'sync()';
    case 'outsideSync': {
      const { outside, how } = step.args;
      if (how !== 'FIEMAP') return `${how}(outside${outside})`;
      return `ioctl(outside${outside}, FS_IOC_FIEMAP, FIEMAP_FLAG_SYNC)`;
    }
    default:
      return null;
  }
}
