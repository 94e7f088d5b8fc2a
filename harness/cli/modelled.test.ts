import { expect, test } from 'vitest';
import { DEFAULT_OPTIONS } from '../../properties/scenarios.ts';
import { refuseUnmodelled } from './modelled.ts';

test.each(['volatile', 'userxattr', 'uuid=off', 'metacopy=on,verity=require'])(
  'a mount with %s is refused',
  (option) => {
    expect(() => {
      refuseUnmodelled(option, '6.18.0');
    }).toThrow('not modelled');
  },
);

test.each([DEFAULT_OPTIONS, '', 'index=on,nfs_export=on', 'metacopy=on', 'nonsense=1'])(
  'a mount with %j is not',
  (options) => {
    expect(() => {
      refuseUnmodelled(options, '6.18.0');
    }).not.toThrow();
  },
);
