import { defaultConfig } from './params.ts';
import type { MountConfig, ResolveContext } from './params.ts';

/** What mountinfo shows: options that differ from what the mount string `""` would give. */
export function shownOptions(
  config: MountConfig,
  isOneFs: boolean,
  context: Pick<ResolveContext, 'semantics' | 'environment'>,
): string[] {
  const { features, behaviour } = context.semantics;
  const usual = defaultConfig(context);
  const shown: string[] = [];
  const show = (name: string, value: string | boolean, usualValue: string | boolean): void => {
    if (value === usualValue) return;
    shown.push(`${name}=${typeof value === 'string' ? value : value ? 'on' : 'off'}`);
  };
  if (config.defaultPermissions) shown.push('default_permissions');
  if (behaviour.shownRedirect === 'as it is') {
    show('redirect_dir', config.redirectDir, usual.redirectDir);
  } else {
    const unnamed = context.environment.redirectDirDefault ? 'on' : 'off';
    show('redirect_dir', config.redirectGiven ?? unnamed, unnamed);
  }
  show('index', config.index, usual.index);
  show('uuid', config.uuid, usual.uuid);
  show('nfs_export', config.nfsExport, usual.nfsExport);
  if (!isOneFs) show('xino', config.xino, usual.xino);
  if (config.metacopy && !config.metacopyBelow) shown.push('metacopy=upper');
  else show('metacopy', config.metacopy, usual.metacopy);
  if (features.has('fsync-option')) show('fsync', config.sync, usual.sync);
  else if (config.sync === 'volatile') shown.push('volatile');
  if (config.userxattr) shown.push('userxattr');
  show('verity', config.verity, usual.verity);
  return shown;
}
