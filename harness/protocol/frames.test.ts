import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFrames, writeFrame } from './frames.ts';
import type { Frame } from './frames.ts';
import { FRAME, LIMIT } from './protocol.ts';

test('frames come out as they went in, wherever the stream is cut', async () => {
  const frame = fc.record({
    type: fc.constantFrom(...Object.values(FRAME)),
    tag: fc.nat(0xffff_ffff),
    payload: fc.uint8Array({ maxLength: 100 }),
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 8 }), cuts, async (frames, lengths) => {
      const written = new PassThrough();
      for (const { type, tag, payload } of frames)
        writeFrame(written, type, tag, Buffer.from(payload));
      const bytes = (written.read() as Buffer | null) ?? Buffer.alloc(0);
      const { frames: got, broken } = await readIn(pieces(bytes, lengths));
      expect(broken).toEqual([]);
      expect(got.map((one) => ({ ...one, payload: Uint8Array.from(one.payload) }))).toEqual(frames);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('a frame beyond the limit breaks the stream, and nothing is read after it', async () => {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(FRAME.results, 0);
  header.writeUInt32LE(LIMIT.frameBytes + 1, 4);
  const good = new PassThrough();
  writeFrame(good, FRAME.results, 7, Buffer.from('12345678'));
  const { frames, broken } = await readIn([header, good.read() as Buffer]);
  expect(frames).toEqual([]);
  expect(broken).toEqual([`a frame of ${LIMIT.frameBytes + 1} bytes`]);
});

function pieces(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  let index = 0;
  for (let at = 0; at < bytes.length;) {
    const length = lengths[index++ % lengths.length]!;
    cut.push(bytes.subarray(at, at + length));
    at += length;
  }
  return cut;
}

async function readIn(
  chunks: readonly Buffer[],
): Promise<{ readonly frames: readonly Frame[]; readonly broken: readonly string[] }> {
  const channel = new PassThrough();
  const frames: Frame[] = [];
  const broken: string[] = [];
  readFrames(
    channel,
    (frame) => frames.push(frame),
    (why) => broken.push(why),
  );
  for (const chunk of chunks) channel.write(chunk);
  channel.end();
  while (!channel.readableEnded) await setImmediate();
  return { frames, broken };
}
