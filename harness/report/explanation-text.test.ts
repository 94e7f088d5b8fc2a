import { expect, test } from 'vitest';
import type { Varied } from '../../model/explanation.ts';
import { explanationText } from './explanation-text.ts';

const varied = (at: string, what: string, shows: string, hides = ''): Varied => {
  const values = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));
  return { at, what, shows: values(shows), hides: values(hides), isAlone: false };
};

test('a finding is explained in a few lines', () => {
  const text = explanationText({
    varied: [
      ...[varied('step 1', 'mode', '0600 0777'), varied('step 1', 'size', '1 2', '0')],
      ...[varied('step 2', 'flags', 'O_RDWR', 'O_RDONLY O_PATH'), varied('step 2', 'fd', '', '1')],
      ...[varied('mount', 'index', 'on'), varied('mount', 'metacopy', '', 'off')],
      { ...varied('', 'names', 'others'), isAlone: true },
      varied('', 'file system of lower layers', 'squashfs'),
    ],
    ...{ needs: 'metacopy=on', probes: 30, isComplete: false },
  });
  expect(text.split('\n')).toEqual([
    'what does not matter, even all at once (30 variations run, then time was up):',
    '  step 1: any mode; any size but 0',
    '  step 2: flags: O_RDWR as well',
    '  mount options: needed: metacopy=on; any index',
    '  not seen with metacopy=off',
    '  any names; file system of lower layers: squashfs as well',
    '  only by itself: names',
  ]);
});
