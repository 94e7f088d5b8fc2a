import { typeOfMode } from '../model/compare-fields.ts';
import type { KernelIno, Seen } from '../model/observation.ts';
import type { Step } from '../model/ops/index.ts';

/** What is known of an open file without asking a model. */
interface OpenFile {
  readonly isRegular: boolean;
  /** It was opened in a lower layer, or may have been. */
  readonly isLower: boolean;
  /** It was opened by this handle. */
  readonly handle?: number;
}

/** Trees as they stand, by path. */
export interface Trees {
  readonly merged: ReadonlyMap<string, Seen>;
  readonly base: ReadonlyMap<string, Seen>;
}

const METACOPY = 'trusted.overlay.metacopy';
const UNKNOWN: OpenFile = { isRegular: false, isLower: true };

/** What slots hold, as far as results depend on it that overlayfs has of its own. */
export class TwinFiles {
  private readonly slots = new Map<number, OpenFile>();
  /** Memory that shows any: what it shows stays open, of a layer or not. */
  private readonly maps = new Set<number>();
  /** Memory that shows a lower file. */
  private readonly lowerMaps = new Set<number>();
  /** By handle, the plain file system's number of what it names. */
  private readonly handles = new Map<number, KernelIno>();

  /** Why the result of a step is not compared, or null when it is. */
  ownResult(step: Step, plain: Trees): string | null {
    switch (step.op) {
      case 'fdPath': {
        const { handle } = this.fileIn(step.args.fd);
        const isOpen = handle !== undefined && this.namesOf(handle, plain) !== 1;
        return isOpen ? 'By a handle any of the names of a file may be found.' : null;
      }
      case 'lseek':
        return this.fileIn(step.args.fd).isRegular ? null : 'Places in a directory are its own.';
      case 'readMap':
      case 'writeMap':
        return this.lowerMaps.has(step.args.map) ? 'What is mapped stays lower (OVL-FD-02).' : null;
      case 'flock':
      case 'ofdLock':
      case 'lease':
      case 'execute':
        return this.maps.size > 0 ? 'What is mapped is a file of a layer (OVL-FD-02).' : null;
      default:
        return null;
    }
  }

  /** Whether a handle is of something that certainly has a name on the plain file system. */
  isNamed(handle: number, plain: Trees): boolean {
    return this.namesOf(handle, plain) > 0;
  }

  private namesOf(handle: number, { merged }: Trees): number {
    const ino = this.handles.get(handle);
    return [...merged.values()].filter((node) => node.kind === 'node' && node.ino === ino).length;
  }

  /** Takes a step into account that succeeded; the trees are those after it. */
  note(step: Step, plain: Trees, overlay: Trees): void {
    switch (step.op) {
      case 'open': {
        const { slot, path, flags } = step.args;
        const isUnnamed = flags.includes('O_TMPFILE');
        const unnamed = { isRegular: true, isLower: false };
        this.slots.set(slot, isUnnamed ? unnamed : fileAt(overlay, path));
        return;
      }
      case 'openat2':
      case 'reopenFd':
        this.slots.set(step.args.slot, UNKNOWN);
        return;
      case 'openHandle':
      case 'openHandleCold':
        this.slots.set(step.args.slot, { ...UNKNOWN, handle: step.args.handle });
        return;
      case 'mmap':
        this.maps.add(step.args.map);
        if (this.fileIn(step.args.fd).isLower) this.lowerMaps.add(step.args.map);
        else this.lowerMaps.delete(step.args.map);
        return;
      case 'encodeHandle': {
        const node = plain.merged.get(step.args.path);
        if (node?.kind === 'node') this.handles.set(step.args.handle, node.ino);
        else this.handles.delete(step.args.handle);
        return;
      }
      case 'encodeFdHandle':
        this.handles.delete(step.args.handle);
        return;
      default:
    }
  }

  private fileIn(slot: number): OpenFile {
    return this.slots.get(slot) ?? UNKNOWN;
  }
}

/** A symlink may lead anywhere, and is not followed. */
function fileAt({ merged, base }: Trees, path: string): OpenFile {
  const shown = merged.get(path);
  const upper = base.get(`u/${path}`);
  return {
    isRegular: shown?.kind === 'node' && typeOfMode(shown.mode) === 'file',
    isLower: upper?.kind !== 'node' || upper.xattrs.has(METACOPY),
  };
}
