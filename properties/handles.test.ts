import { expect, test } from 'vitest';
import { OPS } from '../model/ops/index.ts';
import { handles } from './handles.ts';
import { modelKernel } from './model-kernel.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';

const RELEASE = '6.12.117';
const WISHES = { options: DEFAULT_OPTIONS, stepCount: 30 };

async function firstMistaken(ops: typeof OPS, scenarios: number): Promise<number | null> {
  const kernel = modelKernel(RELEASE, ops);
  for (let index = 0; index < scenarios; index++) {
    const { differences } = await handles.check(handles.scenarioAt(1, index, WISHES), kernel);
    if (differences.length > 0) return index;
  }
  return null;
}

test('holds for a kernel that is the model', async () => {
  expect(await firstMistaken(OPS, 200)).toBeNull();
});

test('finds a handle that opens what has the name by now', async () => {
  const paths = new Map<number, string>();
  const encodeHandle: typeof OPS.encodeHandle = {
    ...OPS.encodeHandle,
    predict(context, args) {
      paths.set(args.handle, args.path);
      return OPS.encodeHandle.predict(context, args);
    },
  };
  const openHandle: typeof OPS.openHandle = {
    ...OPS.openHandle,
    predict(context, { slot, handle, flags }) {
      const path = paths.get(handle) ?? '.';
      return OPS.open.predict(context, { slot, path, flags, mode: 0 });
    },
  };
  expect(await firstMistaken({ ...OPS, encodeHandle, openHandle }, 200)).not.toBeNull();
});

test('finds a copy that the handle of what it was copied from does not open', async () => {
  const openHandleCold: typeof OPS.openHandleCold = {
    ...OPS.openHandleCold,
    predict(context, args) {
      const opened = OPS.openHandleCold.predict(context, args);
      const inode = context.world.slots[args.slot]?.inode;
      const lower = inode?.lowers[0];
      // The number is that of the copy.
      if (opened.ok && inode?.upper != null && lower !== undefined) {
        Object.assign(inode, { hasConstIno: false });
      }
      return opened;
    },
  };
  expect(await firstMistaken({ ...OPS, openHandleCold }, 200)).not.toBeNull();
});
