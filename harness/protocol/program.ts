import { ARG, CALLS, INSTRUCTION, LIMIT, padded } from './protocol.ts';
import type { CallName } from './protocol.ts';

/** An argument as it travels. Strings have one character for each byte. */
export type WireArg =
  | number
  | bigint
  | { readonly input: string }
  | { readonly output: number }
  | { readonly struct: number }
  | { readonly inout: Uint8Array }
  | { readonly slot: number };

const CALL_INDEX: ReadonlyMap<string, number> = new Map(
  CALLS.map((name, index) => [name, index] as const),
);

const CALL_BYTES = 8;
const ARGUMENT_BYTES = 16;

/** One buffer serves every program that is built: building is not concurrent. */
const scratch = Buffer.alloc(LIMIT.frameBytes);

/** Writes the payload of a program frame, instruction by instruction. */
export class ProgramBuilder {
  #at = 0;

  call(name: CallName, args: readonly WireArg[], resultSlot = -1): void {
    const index = CALL_INDEX.get(name);
    if (index === undefined) throw new RangeError(`no call ${name} on the wire`);
    const at = this.#at;
    scratch.writeUInt8(INSTRUCTION.call, at);
    scratch.writeUInt8(args.length, at + 1);
    scratch.writeUInt16LE(index, at + 2);
    scratch.writeInt16LE(resultSlot, at + 4);
    scratch.writeUInt16LE(0, at + 6);
    this.#at += CALL_BYTES;
    for (const arg of args) this.#argument(arg);
  }

  close(slot: number): void {
    scratch.writeUInt32LE(INSTRUCTION.close, this.#at);
    scratch.writeUInt32LE(slot, this.#at + 4);
    this.#at += CALL_BYTES;
  }

  dump(tree: number, path: string): void {
    scratch.writeUInt32LE(INSTRUCTION.dump | (tree << 8), this.#at);
    scratch.writeUInt32LE(path.length + 1, this.#at + 4);
    this.#at += CALL_BYTES;
    this.#data(`${path}\0`);
  }

  /** A copy of what was written so far. */
  finish(): Buffer {
    return Buffer.from(scratch.subarray(0, this.#at));
  }

  #argument(arg: WireArg): void {
    if (typeof arg === 'number' || typeof arg === 'bigint') {
      this.#head(ARG.immediate, 0, arg);
    } else if ('input' in arg) {
      this.#head(ARG.input, arg.input.length, 0);
      this.#data(arg.input);
    } else if ('output' in arg) {
      this.#head(ARG.output, arg.output, 0);
    } else if ('struct' in arg) {
      this.#head(ARG.struct, arg.struct, 0);
    } else if ('slot' in arg) {
      this.#head(ARG.slot, 0, arg.slot);
    } else {
      this.#head(ARG.inout, arg.inout.length, 0);
      this.#data(Buffer.from(arg.inout).toString('latin1'));
    }
  }

  #head(kind: number, bytes: number, value: number | bigint): void {
    const at = this.#at;
    scratch.writeUInt32LE(kind, at);
    scratch.writeUInt32LE(bytes, at + 4);
    if (typeof value === 'bigint') {
      scratch.writeBigInt64LE(value, at + 8);
    } else {
      // Numbers are safe integers; the high half of a negative one is its sign.
      scratch.writeInt32LE(value | 0, at + 8);
      scratch.writeInt32LE(Math.floor(value / 0x1_0000_0000), at + 12);
    }
    this.#at += ARGUMENT_BYTES;
  }

  #data(text: string): void {
    scratch.write(text, this.#at, 'latin1');
    const end = this.#at + text.length;
    this.#at += padded(text.length);
    scratch.fill(0, end, this.#at);
  }
}
