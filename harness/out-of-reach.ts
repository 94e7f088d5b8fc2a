/** What keeps every scenario from some functions, and from which. */
const REASONS = {
  'nothing calls it, or all who do have it inlined': [
    ...['ovl_dentry_clear_flag', 'ovl_inode_lowerdata'],
    ...['ovl_get_write_access', 'ovl_put_write_access'],
  ],
  'runs when the module is removed': ['ovl_aio_request_cache_destroy', 'ovl_exit'],
  'a parameter of the module that does nothing': ['ovl_ccup_get', 'ovl_ccup_set'],
  'layers are on file systems without names that go stale, as they do on NFS': [
    ...['ovl_dentry_revalidate', 'ovl_dentry_revalidate_common', 'ovl_dentry_weak_revalidate'],
    'ovl_revalidate_real',
  ],
  'a server of files asks, who gives handles that know their parents': [
    ...['ovl_fh_to_parent', 'ovl_get_name', 'ovl_get_parent'],
  ],
  'all mounts are noatime, as looking must not stamp': ['ovl_update_time'],
  'a security module with labels changes who copies up': ['ovl_revert_cu_creds'],
  'asynchronous calls, io_submit(2) and io_uring, are no steps': [
    ...['ovl_aio_cleanup_handler', 'ovl_aio_rw_complete', 'ovl_aio_queue_completion'],
    'ovl_aio_put',
  ],
} as const satisfies Record<string, readonly string[]>;

/** Functions of overlayfs that no scenario reaches, and why. */
export const OUT_OF_REACH: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(REASONS).flatMap(([why, names]) => names.map((name) => [name, why])),
);
