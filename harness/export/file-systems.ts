import { BASE_PROFILES } from '../../model/bases.ts';
import type { BaseType } from '../../model/bases.ts';
import { FIRST_SEC } from '../../model/layer-plan.ts';
import { mountPointOf } from '../../model/scenario.ts';
import type { Scenario } from '../../model/scenario.ts';
import { recipeOf } from '../images/empty.ts';
import { shellWord } from './sh-text.ts';

/** Where a reproducer has everything; around it is a tmpfs for what is to be out of sight. */
export const TOP = '/tmp/repro';
const OUT_OF_SIGHT = '/tmp';

/** Another machine may have an xfs of the same uuid mounted; see the mount of our own. */
const OPTIONS: Readonly<Partial<Record<BaseType, readonly string[]>>> = {
  xfs: ['nouuid', 'allocsize=4096'],
};

/** What one types to have the file systems of layers, before and after the layers are made. */
export interface Commands {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Of the upper layer and all lower ones that are on no other. */
export function firstFileSystem({ base }: Pick<Scenario, 'base'>): readonly string[] {
  return onItsOwn(base, 0, TOP);
}

export function otherFileSystems({ otherBases = [] }: Pick<Scenario, 'otherBases'>): Commands {
  const all = otherBases.map((type, index) => commandsOf(type, index + 1));
  return {
    before: all.flatMap(({ before }) => before),
    after: all.flatMap(({ after }) => after),
  };
}

/** Where a layer is made: where it is, or where all is made that is then packed or shown. */
export function makingPlace(
  { otherBases = [] }: Pick<Scenario, 'otherBases'>,
  path: string,
): string {
  const [mountPoint = '', ...rest] = path.split('/');
  const on = otherBases.findIndex((_, index) => mountPointOf(index + 1) === mountPoint);
  const type = otherBases[on];
  if (type === undefined || rest.length === 0) return path;
  if (BASE_PROFILES[type].isMadeWhole) return [treeOf(on + 1), ...rest].join('/');
  return type === 'overlay' ? [innerOf(on + 1), 'b', ...rest].join('/') : path;
}

function commandsOf(type: BaseType, number: number): Commands {
  const place = mountPointOf(number);
  if (type === 'overlay') return overlayOf(number, place);
  if (!BASE_PROFILES[type].isMadeWhole) {
    return { before: [`mkdir ${place}`, ...onItsOwn(type, number, place)], after: [] };
  }
  const image = imageOf(number);
  const tree = treeOf(number);
  const packed =
    type === 'squashfs'
      ? `mksquashfs ${tree} ${image} -noappend -quiet -no-progress`
      : `mkfs.erofs --quiet ${image} ${tree}`;
  return {
    before: [`mkdir ${place} ${tree}`, `chmod 0755 ${place} ${tree}`],
    after: [
      `touch -d @${FIRST_SEC} ${tree}`,
      packed,
      `mount -t ${type} -o loop,ro,noatime,nodev ${image} ${place}`,
    ],
  };
}

/** A tmpfs, or one in a file. */
function onItsOwn(type: BaseType, number: number, place: string): readonly string[] {
  if (type === 'tmpfs') {
    return [`mount -t tmpfs -o mode=755,size=64m,noatime,nodev tmpfs ${place}`];
  }
  const { command, bytes } = recipeOf(type, number);
  const image = imageOf(number);
  const options = ['loop', 'noatime', 'nodev', ...(OPTIONS[type] ?? [])];
  return [
    `truncate -s ${bytes / 1024 / 1024}M ${image}`,
    `${command.map(shellWord).join(' ')} ${image}`,
    `mount -t ${type} -o ${options.join(',')} ${image} ${place}`,
    ...(type === 'ext4' ? [`rmdir ${place}/lost+found`] : []),
    `touch ${place}`,
  ];
}

/** Its layers do not change while it is mounted, so that is done when all is made. */
function overlayOf(number: number, place: string): Commands {
  const inner = innerOf(number);
  const off = 'redirect_dir=off,index=off,metacopy=off,nfs_export=off,xino=off';
  return {
    before: [
      `mkdir ${place} ${inner}`,
      `mount -t tmpfs -o mode=755,size=64m,noatime,nodev tmpfs ${inner}`,
      `mkdir ${inner}/a ${inner}/b`,
      `chmod 0755 ${place} ${inner}/a ${inner}/b`,
    ],
    after: [
      `mount -t overlay -o noatime,nodev,lowerdir=${inner}/a:${inner}/b,${off} overlay ${place}`,
    ],
  };
}

function imageOf(number: number): string {
  return `${OUT_OF_SIGHT}/${number}.img`;
}

function treeOf(number: number): string {
  return `${OUT_OF_SIGHT}/${mountPointOf(number)}`;
}

function innerOf(number: number): string {
  return `${OUT_OF_SIGHT}/n${number}`;
}
