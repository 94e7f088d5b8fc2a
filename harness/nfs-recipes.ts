import { ERRNO } from '../model/errno.ts';
import type { NfsVersion } from '../model/flags.ts';
import { OPS } from '../model/ops/index.ts';
import type { Step } from '../model/ops/index.ts';
import { REMOUNTS } from '../model/ops/op.ts';
import type { Scenario } from '../model/scenario.ts';
import { AT_FDCWD, MS_BIND, OPEN_FLAGS, OPEN_FLAGS_ALWAYS, STATFS_BYTES } from './constants.ts';
import { HarnessError } from './errors.ts';
import { closeOutside } from './fault-recipes.ts';
import { GUEST } from './guest.ts';
import { makeDir, MOUNT_FLAGS, unmount } from './guest-calls.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import { BUILD_SLOT } from './recipes.ts';
import type { Stack } from './stack.ts';

/** Of server and client, and what both need that no module names. */
export const NFS_MODULES = ['nfsd', 'dns_resolver', 'nfs', 'nfsv3', 'nfsv4'] as const;

export function servesNfs({ steps }: Pick<Scenario, 'steps'>): boolean {
  return steps.some(({ op }) => op === 'nfsMount');
}

/** The server is the whole machine's, and serves on its network. */
export function refuseToServe(scenario: Scenario, isOurs: boolean): void {
  if (!servesNfs(scenario) || isOurs) return;
  const why = 'an NFS server runs in a VM of our own only';
  throw new HarnessError('unfit-kernel', `${why}: use --backend qemu or uml`);
}

const SERVER = '/proc/fs/nfsd';
const CACHES = '/proc/net/rpc';
const NAMES = ['auth.unix.ip', 'auth.unix.gid', 'nfsd.fh', 'nfsd.export'] as const;
const LEASES = '/proc/sys/fs/leases-enable';
const PORT = 2049;
const ADDRESS = '127.0.0.1';
/** What the server calls all its clients. */
const CLIENTS = 'ovlcheck';
const NEVER = 0x7fff_ffff;
/** NFSEXP_INSECURE_PORT, _NOSUBTREECHECK and _FSID: root stays root, and writes are not delayed. */
const EXPORT_FLAGS = 0x2402;
const NOBODY = 65_534;
/** The root of all that is exported is known by a number. */
const FSID = 0;
const FSID_TYPE_NUMBER = 1;

/** Exports the overlay to the client of the same machine, which mounts it. */
export function nfsMountRecipe(program: ProgramBuilder, version: NfsVersion): void {
  stopNfs(program);
  makeDir(program, GUEST.nfs);
  bindOverlay(program);
  // A file that a client has the promise of would be opened late, after it gave that back.
  put(program, LEASES, '0');
  put(program, `${CACHES}/auth.unix.ip/channel`, `nfsd ${ADDRESS} ${NEVER} ${CLIENTS}`);
  tellRoot(program);
  // That there is no such export, until there is: else the server waits for somebody to tell.
  const exported = `${CLIENTS} ${GUEST.exported} ${NEVER}`;
  put(program, `${CACHES}/nfsd.export/channel`, exported);
  put(program, `${SERVER}/portlist`, `tcp ${PORT}`);
  put(program, `${SERVER}/threads`, '1');
  const how = `${EXPORT_FLAGS} ${NOBODY} ${NOBODY} ${FSID}`;
  put(program, `${CACHES}/nfsd.export/channel`, `${exported} ${how}`);
  mountByClient(program, version);
}

/**
 * What is exported is a mount of the overlay that only the server uses: it can be unmounted when
 * the server has let go of all that it had there.
 */
function bindOverlay(program: ProgramBuilder): void {
  const [from, to] = [{ input: `${GUEST.merged}\0` }, { input: `${GUEST.exported}\0` }];
  makeDir(program, GUEST.exported);
  program.call('mount', [from, to, 0, MS_BIND, 0]);
}

/** Which directory it is that is exported by a number. */
function tellRoot(program: ProgramBuilder): void {
  const fsid = '\\x'.padEnd(10, FSID.toString(16));
  const root = `${CLIENTS} ${FSID_TYPE_NUMBER} ${fsid} ${NEVER} ${GUEST.exported}`;
  put(program, `${CACHES}/nfsd.fh/channel`, root);
}

/** The client opens a file. Whether it can, and closes what it had there, is not known here. */
export function openServed({ served }: Stack, outside: number): void {
  if (served === null) return;
  served.isClosing ||= served.outsides.has(outside);
  served.outsides.add(outside);
}

export function closeServed({ served }: Stack, outside: number): void {
  if (served?.outsides.delete(outside) === true) served.isClosing = true;
}

/**
 * Before a step: nothing that the server has keeps any file in memory, or the overlay mounted.
 * Whether the client mounts once more, which is the last call.
 */
export function leaveNfs(program: ProgramBuilder, { op }: Step, stack: Stack): boolean {
  const { served } = stack;
  if (served === null) return false;
  if (REMOUNTS.has(OPS[op].result)) {
    stopNfs(program);
    stack.served = null;
  } else if (served.outsides.size > 0) {
    if (served.isClosing) askServer(program);
    forgetFiles(program);
  } else if (served.isClosing) {
    // The client has nothing open and remembers nothing: it does not notice.
    nfsMountRecipe(program, served.version);
    served.isClosing = false;
    return true;
  }
  return false;
}

/**
 * A server closes a file a tick after it was told to, which a client may do some time after its
 * own close(2). Of one of several files nothing tells when that is done. The server answers in
 * order, but for the first question, which may overtake what was to be told before it.
 */
function askServer(program: ProgramBuilder): void {
  for (let asked = 0; asked < ASKED_TO_ORDER; asked++) {
    program.call('statfs', [{ input: `${GUEST.nfs}\0` }, { struct: STATFS_BYTES }]);
  }
}

const ASKED_TO_ORDER = 30;

/**
 * The server keeps what a client of NFS 3 used open for seconds, in case that it is used again. It
 * lets go of that when it is to forget which directories are exported.
 */
function forgetFiles(program: ProgramBuilder): void {
  put(program, `${CACHES}/nfsd.fh/flush`, '1');
  tellRoot(program);
}

/** Whatever of it there is. The server forgets all that it has open, and all that it was told. */
export function stopNfs(program: ProgramBuilder): void {
  closeOutside(program);
  unmount(program, GUEST.nfs);
  put(program, `${SERVER}/threads`, '0');
  for (const name of NAMES) put(program, `${CACHES}/${name}/flush`, '1');
  put(program, LEASES, '1');
  // What was exported and open is let go of by RCU and work queues, some ticks later.
  const busy = { errno: ERRNO.EBUSY, timeoutMs: FREE_TIMEOUT_MS };
  program.callUntilNot(busy, 'umount2', [{ input: `${GUEST.exported}\0` }, 0]);
}

/** A tenth of a second on an idle host, and ten times that on a busy one with an emulated CPU. */
const FREE_TIMEOUT_MS = 20_000;

/** Three calls, of which the second one tells how it went. */
function put(program: ProgramBuilder, path: string, text: string): void {
  const flags = OPEN_FLAGS.O_WRONLY | OPEN_FLAGS_ALWAYS;
  program.call('openat', [AT_FDCWD, { input: `${path}\0` }, flags, 0], BUILD_SLOT);
  const line = `${text}\n`;
  program.call('write', [{ slot: BUILD_SLOT }, { input: line }, line.length]);
  program.close(BUILD_SLOT);
}

/** The option of that name; null where the mount data are a structure. */
const VERS = {
  nfs3: null,
  nfs40: '4.0',
  nfs42: '4.2',
} as const satisfies Readonly<Record<NfsVersion, string | null>>;

/** The client neither remembers attributes nor names, and writes at once. */
function mountByClient(program: ProgramBuilder, version: NfsVersion): void {
  const vers = VERS[version];
  const type = vers === null ? 'nfs' : 'nfs4';
  const options = [
    ...[`vers=${vers}`, 'proto=tcp', `addr=${ADDRESS}`, `clientaddr=${ADDRESS}`],
    ...[`port=${PORT}`, 'sec=sys', 'noac', 'lookupcache=none'],
  ];
  const data = vers === null ? mountDataOfOld() : `${options.join(',')}\0`;
  const [from, where] = [{ input: `${ADDRESS}:/\0` }, { input: `${GUEST.nfs}\0` }];
  program.call('mount', [from, where, { input: `${type}\0` }, MOUNT_FLAGS, { input: data }]);
}

/** Where fields of struct nfs_mount_data are, version 6, and how large it is. */
const AT = {
  version: 0,
  fd: 4,
  flags: 40,
  rsize: 44,
  wsize: 48,
  timeo: 52,
  retrans: 56,
  family: 76,
  port: 78,
  address: 80,
  hostname: 92,
  namlen: 348,
  rootBytes: 356,
  root: 358,
  flavor: 424,
} as const;
const DATA_BYTES = 688;
const DATA_VERSION = 6;
/** NFS_MOUNT_NOAC, _TCP, _VER3 and _NONLM. */
const DATA_FLAGS = 0x2e0;
const AF_INET = 2;
const AUTH_SYS = 1;
/** The handle of what is exported by a number: version 1, a number, no object but the root. */
const ROOT = Buffer.from([1, 0, FSID_TYPE_NUMBER, 0, FSID, 0, 0, 0]);

/** With the handle of the root in it, so that no mountd has to be asked for that. */
function mountDataOfOld(): string {
  const data = Buffer.alloc(DATA_BYTES);
  data.writeInt32LE(DATA_VERSION, AT.version);
  data.writeInt32LE(-1, AT.fd);
  data.writeInt32LE(DATA_FLAGS, AT.flags);
  for (const at of [AT.rsize, AT.wsize]) data.writeInt32LE(4096, at);
  data.writeInt32LE(600, AT.timeo);
  data.writeInt32LE(2, AT.retrans);
  data.writeUInt16LE(AF_INET, AT.family);
  data.writeUInt16BE(PORT, AT.port);
  for (const [index, part] of ADDRESS.split('.').entries()) {
    data.writeUInt8(Number(part), AT.address + index);
  }
  data.write(ADDRESS, AT.hostname, 'latin1');
  data.writeInt32LE(255, AT.namlen);
  data.writeUInt16LE(ROOT.length, AT.rootBytes);
  ROOT.copy(data, AT.root);
  data.writeInt32LE(AUTH_SYS, AT.flavor);
  return data.toString('latin1');
}
