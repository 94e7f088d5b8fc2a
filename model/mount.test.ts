import { describe, expect, test } from 'vitest';
import { predictMount } from './mount.ts';
import type { LayerSpec } from './scenario.ts';
import { profileOfRelease } from './semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from './semantics/semantics.ts';
import type { Environment } from './semantics/semantics.ts';

const LOWER: LayerSpec = { role: 'lower', entries: [] };
const UPPER: LayerSpec = { role: 'upper', entries: [] };

/** The options that mountinfo shows, or the errno. */
function mount(
  options: string,
  {
    on = '6.18.44',
    hasUpper = true,
    machine = {},
  }: { on?: string; hasUpper?: boolean; machine?: Partial<Environment> } = {},
): string {
  const layers = hasUpper ? [LOWER, UPPER] : [LOWER, LOWER];
  const mounted = predictMount(
    { base: 'tmpfs', layers, options, steps: [] },
    {
      semantics: profileOfRelease(on),
      environment: { ...USUAL_ENVIRONMENT, ...machine },
      rule: () => undefined,
    },
  );
  return mounted.ok ? mounted.value.view.options.join(',') : mounted.anyOf.join(' or ');
}

describe('a mount with an upper layer', () => {
  test.each([
    ['', 'uuid=on'],
    ['redirect_dir=off', 'uuid=on'],
    ['redirect_dir=nofollow', 'redirect_dir=nofollow,uuid=on'],
    ['nfs_export=on', 'index=on,uuid=on,nfs_export=on'],
    ['nfs_export=on,index=off', 'EINVAL'],
    ['nfs_export=on,metacopy=on', 'EINVAL'],
    ['metacopy=on', 'redirect_dir=on,uuid=on,metacopy=on'],
    ['metacopy=on,redirect_dir=off', 'EINVAL'],
    ['verity=on,metacopy=off', 'uuid=on,verity=on'],
    ['userxattr', 'redirect_dir=nofollow,uuid=on,userxattr'],
    ['userxattr,redirect_dir=off', 'EINVAL'],
    ['volatile,fsync=strict', 'uuid=on,fsync=strict'],
    ['fsync=strict,volatile', 'uuid=on,fsync=volatile'],
    ['metacopy=on,metacopy=off', 'uuid=on'],
    ['uuid=off', 'uuid=off'],
    ['index', 'EINVAL'],
    ['index=yes', 'EINVAL'],
    ['volatile=on', 'EINVAL'],
    ['constructor', 'EINVAL'],
    ['default_permissions,,xino=on', 'default_permissions,uuid=on'],
  ])('with %j shows %j', (options, shown) => {
    expect(mount(options)).toBe(shown);
  });
});

describe('a mount without an upper layer', () => {
  test.each([
    ['', 'redirect_dir=on'],
    ['redirect_dir=nofollow', 'redirect_dir=nofollow'],
    ['index=on,volatile', 'redirect_dir=on'],
    ['nfs_export=on', 'redirect_dir=on'],
    ['nfs_export=on,redirect_dir=nofollow', 'redirect_dir=nofollow,nfs_export=on'],
    ['nfs_export=on,index=off,redirect_dir=nofollow', 'EINVAL'],
    ['nfs_export=on,metacopy=on', 'redirect_dir=on,metacopy=on'],
    ['metacopy=on,redirect_dir=nofollow', 'EINVAL'],
    ['uuid=off', 'redirect_dir=on,uuid=null'],
  ])('with %j shows %j', (options, shown) => {
    expect(mount(options, { hasUpper: false })).toBe(shown);
  });
});

describe('kernels differ', () => {
  test.each([
    ['5.10', 'userxattr', 'EINVAL'],
    ['5.10', 'uuid=off', 'EINVAL'],
    ['6.1', 'userxattr', 'userxattr'],
    ['6.1', 'uuid=null', 'EINVAL'],
    ['6.1', 'metacopy=on', 'metacopy=on'],
    ['6.1', 'redirect_dir=off,volatile', 'volatile'],
    ['6.1', 'redirect_dir=follow', 'redirect_dir=follow'],
    ['6.1', 'redirect_dir=bogus,redirect_dir=on', 'redirect_dir=on'],
    ['6.1', 'redirect_dir=on,redirect_dir=bogus', 'EINVAL'],
    ['6.12', 'redirect_dir=bogus,redirect_dir=on', 'EINVAL'],
    ['6.12', 'verity=on', 'redirect_dir=on,uuid=on,metacopy=on,verity=on'],
    ['6.12', 'verity=on,metacopy=off', 'EINVAL'],
    ['6.12', 'override_creds', 'EINVAL'],
    ['6.18', 'override_creds', 'uuid=on'],
    ['6.18', 'fsync=strict', 'EINVAL'],
  ])('%s with %j shows %j', (on, options, shown) => {
    expect(mount(options, { on })).toBe(shown);
  });
});

describe('what a machine was set up with is not shown, what differs is', () => {
  test.each([
    [{ indexDefault: true }, '', 'uuid=on'],
    [{ indexDefault: true }, 'index=off', 'index=off,uuid=on'],
    [{ redirectDirDefault: true }, 'redirect_dir=off', 'redirect_dir=follow,uuid=on'],
    [{ redirectAlwaysFollow: false }, 'redirect_dir=follow', 'redirect_dir=follow,uuid=on'],
    [{ metacopyDefault: true }, 'redirect_dir=off', 'uuid=on,metacopy=off'],
    [
      { metacopyDefault: true },
      'nfs_export=on',
      'redirect_dir=on,index=on,uuid=on,nfs_export=on,metacopy=off',
    ],
    [{ nfsExportDefault: true }, 'index=off', 'uuid=on,nfs_export=off'],
  ])('%j with %j', (machine, options, shown) => {
    expect(mount(options, { machine })).toBe(shown);
  });
});
