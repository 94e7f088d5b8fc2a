import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';
const OBSERVED = 'every combination of options, on linux-6.18';

/** How a mount string becomes a configuration. Exhaustive runs reach these; others need not. */
export const OPTION_RULES = undrawn({
  'options/unknown': {
    says: 'An option that the kernel does not know, or a value that it does not, is EINVAL.',
    source: OBSERVED,
  },
  'options/index-without-upper': {
    says: 'Without an upper layer index is off, and counts as not given.',
    source: OBSERVED,
  },
  'options/volatile-without-upper': {
    says: 'Without an upper layer nothing is volatile.',
    source: `${DOC}: Volatile mount`,
  },
  'options/uuid-without-upper': {
    says: 'Without an upper layer there is no place for a uuid: on is null.',
    source: `${DOC}: UUID and fsid`,
  },
  'options/verity-needs-metacopy': {
    says: 'verity and metacopy=off exclude each other.',
    source: `${DOC} of linux-6.12: fs-verity support`,
  },
  'options/verity-turns-metacopy-on': {
    says: 'verity turns metacopy on.',
    source: `${DOC} of linux-6.12: fs-verity support`,
  },
  'options/follow-without-upper': {
    says: 'Without an upper layer redirect_dir=follow is the same as on.',
    source: OBSERVED,
  },
  'options/metacopy-needs-redirects': {
    says: 'metacopy=on and redirects that are not on exclude each other.',
    source: `${DOC}: Metadata only copy up`,
  },
  'options/verity-needs-redirects': {
    says: 'verity, which needs metacopy, and redirects that are not on exclude each other.',
    source: `${DOC} of linux-6.12: fs-verity support`,
  },
  'options/no-redirects-no-metacopy': {
    says: 'Redirects that are not on turn off a metacopy that was not asked for.',
    source: OBSERVED,
  },
  'options/metacopy-turns-redirects-on': {
    says: 'metacopy turns redirects on.',
    source: `${DOC}: Metadata only copy up`,
  },
  'options/nfs-export-without-upper': {
    says: 'Without an upper layer nfs_export is dropped unless redirects are not followed.',
    source: `${DOC}: NFS export`,
  },
  'options/nfs-export-needs-index': {
    says: 'nfs_export=on and index=off exclude each other.',
    source: `${DOC}: NFS export`,
  },
  'options/no-index-no-nfs-export': {
    says: 'index=off turns off an nfs_export that was not asked for.',
    source: OBSERVED,
  },
  'options/nfs-export-turns-index-on': {
    says: 'nfs_export turns index on.',
    source: `${DOC}: NFS export`,
  },
  'options/nfs-export-or-metacopy': {
    says: 'nfs_export=on and metacopy=on exclude each other.',
    source: `${DOC}: Metadata only copy up`,
  },
  'options/metacopy-ends-nfs-export': {
    says: 'metacopy=on, or verity, turns off an nfs_export that was not asked for.',
    source: OBSERVED,
  },
  'options/nfs-export-ends-metacopy': {
    says: 'nfs_export turns off a metacopy that was not asked for.',
    source: OBSERVED,
  },
  'options/userxattr-or-redirects': {
    says: 'userxattr and redirects exclude each other.',
    source: `${DOC}: User xattr`,
  },
  'options/userxattr-or-metacopy': {
    says: 'userxattr and metacopy=on exclude each other.',
    source: `${DOC}: User xattr`,
  },
  'options/userxattr-or-verity': {
    says: 'userxattr and verity, which needs metacopy, exclude each other.',
    source: `${DOC} of linux-6.12: fs-verity support`,
  },
  'options/userxattr-ends-redirects': {
    says: 'userxattr turns off redirects and metacopy that were not asked for.',
    source: `${DOC}: User xattr`,
  },
  'options/no-xattrs': {
    says: 'Where upper takes no private xattrs, what needs them falls back silently.',
    source: OBSERVED,
  },
  'options/uuid-off-of-several': {
    says: 'uuid=off falls back when not all layers are on the file system of upper.',
    source: OBSERVED,
  },
  'options/index-without-work': {
    says: 'An index that nfs_export turned on is not shown without a work directory.',
    source: OBSERVED,
  },
  'layers/no-name': {
    says: 'An empty name among the layers is EINVAL.',
    source: OBSERVED,
  },
  'layers/missing': {
    says: 'A layer that is not there is ENOENT.',
    source: OBSERVED,
  },
  'layers/no-directory': {
    says: 'A layer that is no directory is EINVAL.',
    source: OBSERVED,
  },
  'layers/no-lower': {
    says: 'A mount without a lower layer is EINVAL.',
    source: `${DOC}: Multiple lower layers`,
  },
  'layers/one-lower-alone': {
    says: 'Without an upper layer there must be two lower ones.',
    source: OBSERVED,
  },
  'layers/upper-without-work': {
    says: 'An upper layer needs a work directory.',
    source: `${DOC}: Upper and Lower`,
  },
  'layers/work-on-another-mount': {
    says: 'The work directory must be reached through the same mount as the upper layer.',
    source: `${DOC}: Upper and Lower`,
  },
  'layers/work-in-upper': {
    says: 'Neither of the upper layer and the work directory may be the other, or be in it.',
    source: OBSERVED,
  },
  'layers/overlap': {
    says: 'A lower layer that is another layer, or in another or in the work directory, is ELOOP.',
    source: `${DOC}: Sharing and copying layers`,
  },
  'layers/data-only': {
    says: 'Where data-only layers need metacopy, they are EINVAL without.',
    source: `${DOC} of linux-6.12: Data-only lower layers`,
  },
  'layers/merged-below-data': {
    says: 'No merged layer may come after a data-only one.',
    source: `${DOC}: Data-only lower layers`,
  },
  'layers/too-many': {
    says: 'More than 500 lower layers are refused.',
    source: 'observed on every kernel: 500 mount, 501 do not',
  },
  'layers/all-data-only': {
    says: 'One lower layer at least must be merged.',
    source: `${DOC}: Data-only lower layers`,
  },
  'layers/added-to-string': {
    says: 'To lower layers that one string named, none can be added: EINVAL.',
    source: `${DOC}: Multiple lower layers, "lowerdir+" and "datadir+"`,
  },
  'layers/in-use': {
    says: 'With an index, a layer that another mounted overlay writes to, or in one, is EBUSY.',
    source: `${DOC}: Sharing and copying layers`,
  },
  'layers/work-incompatible': {
    says: 'A work directory that tells of a feature that the kernel does not know is EINVAL.',
    source: `${DOC}: Volatile mount`,
  },
  'layers/work-not-emptied': {
    says: 'With a work directory that cannot be emptied the mount is read-only.',
    source: OBSERVED,
  },
  'layers/too-deep-a-stack': {
    says: 'An overlay on an overlay is a stack; a third one is EINVAL.',
    source: OBSERVED,
  },
  'layers/read-only-upper': {
    says: 'An upper layer through a mount that is read-only is refused.',
    source: `${DOC}: Upper and Lower`,
  },
  'layers/overlay-as-upper': {
    says: 'The upper layer cannot be on an overlay: EINVAL.',
    source: `${DOC}: Upper and Lower`,
  },
  'options/cut-to-a-page': {
    says: 'mount(2) reads no more than 4095 bytes of its string, and tells nobody.',
    source: 'mount(2); observed on every kernel at each length around it',
  },
  'context/layers-by-fd': {
    says: 'FSCONFIG_SET_FD names an upper, work, lower or data-only layer by an open directory.',
    source: `${DOC}: Specifying layers via file descriptors`,
  },
  'context/kept-as-text': {
    says: 'Old kernels keep parameters as text of at most a page, and read it at the mount.',
    source: 'fsconfig(2); observed on linux-6.1',
  },
  'context/no-changes': {
    says: 'fsconfig(2) refuses every option of overlayfs for a mount that is there.',
    source: 'observed on linux-6.18',
  },
  'context/remount': {
    says: 'A remount ignores options; without an upper layer it cannot be to read and write.',
    source: 'observed on linux-6.18',
  },
  'context/refused': {
    says: 'A context that is not at this point, or a type that a parameter has not, is an error.',
    source: 'fsconfig(2), fsmount(2) and fspick(2)',
  },
});

/** No scenario is drawn for them: lists that are gone through to the end reach them all. */
function undrawn<K extends string>(
  rules: Readonly<Record<K, { readonly says: string; readonly source: string }>>,
): Readonly<Record<K, Rule>> {
  const marked = Object.entries<Rule>(rules).map(([id, rule]) => [
    id,
    { ...rule, isUndrawn: true },
  ]);
  // The same keys as before.
  return Object.fromEntries(marked) as Record<K, Rule>;
}
