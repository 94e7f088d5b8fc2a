import * as v from 'valibot';
import { DEFAULT_ACL } from '../model/acl-names.ts';
import { BOUND } from '../model/flags.ts';
import type { FileFlag } from '../model/flags.ts';

/** Names between slashes, none of them a way out. `.` alone is the root. */
const PATH = /^(\.|(?!\.{1,2}(\/|$))[!-.0-~]+(\/(?!\.{1,2}(\/|$))[!-.0-~]+)*)$/;

export const path = v.pipe(
  v.string(),
  v.maxLength(BOUND.pathBytes),
  v.regex(PATH, 'must be relative and printable, without . or .. in it'),
);
const BYTES = /^[\0-\xff]*$/;
export const bytes = v.pipe(
  v.string(),
  v.maxLength(BOUND.dataBytes),
  v.regex(BYTES, 'must have one character for each byte'),
);
export const upTo = (most: number): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));
export const mode = upTo(0o7777);
export const owner = v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(65_534));
export const deviceNumber = upTo(255);
export const flags = (...names: readonly string[]): v.GenericSchema => v.array(v.picklist(names));

export const FILE_FLAGS: readonly FileFlag[] = [
  ...(['FS_SYNC_FL', 'FS_IMMUTABLE_FL', 'FS_APPEND_FL'] as const),
  ...(['FS_NODUMP_FL', 'FS_NOATIME_FL'] as const),
];

/** The marks of overlayfs on layers that the model knows. */
const KNOWN_MARK =
  /^(trusted|user)\.overlay\.(opaque|redirect|metacopy|impure|protattr|whiteout|overlay\..+)$/;
const isKnownXattr = (name: string): boolean =>
  (!/^(trusted|user)\.overlay\./.test(name) && name !== DEFAULT_ACL) || KNOWN_MARK.test(name);

const common = {
  path,
  mode: v.optional(mode),
  uid: v.optional(owner),
  gid: v.optional(owner),
  flags: v.optional(flags(...FILE_FLAGS)),
  xattrs: v.optional(
    v.record(v.pipe(v.string(), v.check(isKnownXattr, 'is no mark that is modelled yet')), bytes),
  ),
};
const rdev = v.strictObject({ major: deviceNumber, minor: deviceNumber });
const place = upTo(BOUND.sparseBytes);
const piece = v.strictObject({ at: place, text: bytes });

const entry = v.variant('type', [
  v.strictObject({ ...common, type: v.literal('dir') }),
  v.strictObject({
    ...common,
    type: v.literal('file'),
    pieces: v.optional(v.array(piece)),
    size: v.optional(place),
    verity: v.optional(v.literal(true)),
  }),
  v.strictObject({ ...common, type: v.literal('symlink'), target: path }),
  v.strictObject({ ...common, type: v.literal('fifo') }),
  v.strictObject({ ...common, type: v.literal('chr'), rdev }),
  v.strictObject({ ...common, type: v.literal('blk'), rdev }),
  v.strictObject({ ...common, type: v.literal('link'), to: path }),
]);

export const layer = v.strictObject({
  role: v.picklist(['upper', 'lower', 'data']),
  on: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(BOUND.layers))),
  mapped: v.optional(v.literal(true)),
  entries: v.pipe(v.array(entry), v.maxLength(BOUND.entriesPerLayer)),
});
