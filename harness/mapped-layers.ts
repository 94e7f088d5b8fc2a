import { lowerPaths } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { USERS } from '../model/users.ts';
import { ERRNO } from '../model/errno.ts';
import { AT_FDCWD, AT_FLAGS, MOUNT_ATTR_IDMAP } from './constants.ts';
import type { Refusable } from './encode-layer.ts';
import { GUEST } from './guest.ts';
import { putTree, swapText, takeTree, TREE_SLOT } from './mount-apart.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import { BUILD_SLOT } from './recipes.ts';

/** A number by which a structure names the user namespace: nothing else is open so far out. */
const NAMESPACE_FD = 500;
const ATTR_BYTES = 32;

/** Lower layers that are mounted upon themselves, with ids mapped where that can be. */
export function mappedPaths(scenario: Partial<Pick<Scenario, 'layers'>>): readonly string[] {
  const { layers = [] } = scenario;
  const lowers = layers.filter(({ role }) => role === 'lower');
  const paths = lowerPaths({ layers });
  return paths
    .filter((_, index) => lowers[index]?.mapped === true)
    .map((path) => {
      return `${GUEST.layers}/${path}`;
    });
}

/** Mounts them: no kernel and no file system has to know how, but all else must succeed. */
export function mapLayers(
  program: ProgramBuilder,
  scenario: Pick<Scenario, 'layers'>,
  refusable: Refusable,
): void {
  const paths = mappedPaths(scenario);
  if (paths.length === 0) return;
  openNamespace(program);
  for (const path of paths) {
    const tree = [{ slot: TREE_SLOT }, { input: '\0' }];
    takeTree(program, path);
    refusable.set(program.instructions, [ERRNO.EINVAL, ERRNO.ENOSYS]);
    const attr = { input: attrText() };
    program.call('mount_setattr', [...tree, AT_FLAGS.AT_EMPTY_PATH, attr, ATTR_BYTES]);
    putTree(program, path);
  }
  program.makeAside(() => {
    program.call('close', [NAMESPACE_FD]);
    program.close(BUILD_SLOT);
  });
}

function openNamespace(program: ProgramBuilder): void {
  const { uid, gid } = USERS.alice;
  const own = { input: `${GUEST.proc}/self/ns/user\0` };
  program.apart({ uidMap: swapText(uid), gidMap: swapText(gid) }, () => {
    program.makeAside(() => {
      program.call('openat', [AT_FDCWD, own, 0, 0], BUILD_SLOT);
    });
  });
  program.makeAside(() => {
    program.call('dup3', [{ slot: BUILD_SLOT }, NAMESPACE_FD, 0]);
  });
}

/** struct mount_attr: what is set, what is cleared, propagation, and the user namespace. */
function attrText(): string {
  const bytes = Buffer.alloc(ATTR_BYTES);
  bytes.writeBigUInt64LE(BigInt(MOUNT_ATTR_IDMAP), 0);
  bytes.writeBigUInt64LE(BigInt(NAMESPACE_FD), 24);
  return bytes.toString('latin1');
}
