import { HarnessError } from '../errors.ts';
import { ARG, CALLS, INSTRUCTION, LIMIT, padded, TREE, TREE_FLAG } from './protocol.ts';
import type { CallName } from './protocol.ts';

/** An argument as it travels. Strings have one character for each byte. */
export type WireArg =
  | number
  | bigint
  | { readonly input: string }
  | { readonly output: number }
  | { readonly struct: number }
  | { readonly inout: Uint8Array }
  | { readonly slot: number }
  | { readonly keep: number; readonly bytes: Uint8Array }
  | { readonly kept: number; readonly flips: Uint8Array };

/** What uid_map and gid_map of a user namespace say. */
export interface IdMaps {
  readonly uidMap: string;
  readonly gidMap: string;
}

const CALL_INDEX: ReadonlyMap<string, number> = new Map(
  CALLS.map((name, index) => [name, index] as const),
);

const OFFSET_BYTES = 8;

/** A file offset that a call reads and writes back. */
export function offsetBytes(offset: number): Uint8Array {
  const bytes = Buffer.alloc(OFFSET_BYTES);
  bytes.writeBigInt64LE(BigInt(offset));
  return bytes;
}

const CALL_BYTES = 8;
const ARGUMENT_BYTES = 16;
/** What the head of a tree instruction has more than others. */
const TREE_REST_BYTES = 16;

/** One buffer serves every program that is built: building is not concurrent. */
const scratch = Buffer.alloc(LIMIT.frameBytes);

/** Writes the payload of a program frame, instruction by instruction. */
export class ProgramBuilder {
  #at = 0;
  #instructions = 0;
  readonly #aside = new Set<number>();

  /** How many there are so far whose results are told, one for each. */
  get instructions(): number {
    return this.#instructions - this.#aside.size;
  }

  /** Those, by their places among all, that have to succeed and tell nothing. */
  get aside(): ReadonlySet<number> {
    return this.#aside;
  }

  /** What is made here has to succeed. */
  makeAside(make: () => void): void {
    const from = this.#instructions;
    make();
    for (let index = from; index < this.#instructions; index++) this.#aside.add(index);
  }

  call(name: CallName, args: readonly WireArg[], resultSlot = -1): void {
    this.#callAs(INSTRUCTION.call, name, args, resultSlot);
  }

  /**
   * A call that is repeated while it fails with this errno. If it still does when the time is over,
   * that is trouble of ours, whatever the call itself was for.
   */
  callUntilNot(
    { errno, timeoutMs }: { readonly errno: number; readonly timeoutMs: number },
    name: CallName,
    args: readonly WireArg[],
  ): void {
    this.#aside.add(this.#instructions);
    const at = this.#begin();
    scratch.writeUInt16LE(INSTRUCTION.until, at);
    scratch.writeUInt16LE(errno, at + 2);
    scratch.writeUInt32LE(timeoutMs, at + 4);
    this.call(name, args);
  }

  /** A call of a child process, which the slot keeps if it becomes another program. */
  child(name: CallName, args: readonly WireArg[], slot: number): void {
    this.#callAs(INSTRUCTION.child, name, args, slot);
  }

  #callAs(op: number, name: CallName, args: readonly WireArg[], resultSlot: number): void {
    const index = CALL_INDEX.get(name);
    if (index === undefined) throw new RangeError(`no call ${name} on the wire`);
    const at = this.#begin();
    scratch.writeUInt8(op, at);
    scratch.writeUInt8(args.length, at + 1);
    scratch.writeUInt16LE(index, at + 2);
    scratch.writeInt16LE(resultSlot, at + 4);
    scratch.writeUInt16LE(0, at + 6);
    for (const arg of args) this.#argument(arg);
  }

  close(slot: number): void {
    const at = this.#begin();
    scratch.writeUInt32LE(INSTRUCTION.close, at);
    scratch.writeUInt32LE(slot, at + 4);
  }

  dump(tree: number, path: string): void {
    const at = this.#begin();
    scratch.writeUInt32LE(INSTRUCTION.dump | (tree << 8), at);
    scratch.writeUInt32LE(path.length + 1, at + 4);
    this.#data(`${path}\0`);
  }

  /** Copies a tree to a path that is free. */
  copyTree(from: string, to: string, keeps: readonly (keyof typeof TREE_FLAG)[]): void {
    const flags = keeps.reduce((bits, name) => bits | TREE_FLAG[name], 0);
    this.#tree(TREE.copy, [from, to], { flags });
  }

  /** chown(1) with -R. */
  chownTree(path: string, uid: number, gid: number): void {
    this.#tree(TREE.chown, [path, ''], { uid, gid });
  }

  /** rm(1) with -r. */
  removeTree(path: string): void {
    this.#tree(TREE.remove, [path, '']);
  }

  /**
   * The calls that `make` makes, in a user namespace with these maps and a mount namespace. It
   * shares open files with the rest of the program, which comes after it.
   */
  apart({ uidMap, gidMap }: IdMaps, make: () => void): void {
    const text = `${uidMap}\0${gidMap}\0`;
    this.#aside.add(this.#instructions);
    const at = this.#begin();
    scratch.writeUInt32LE(text.length, at + 4);
    this.#data(text);
    const before = this.#instructions;
    make();
    const calls = this.#instructions - before;
    scratch.writeUInt32LE(INSTRUCTION.apart | (calls << 8), at);
  }

  #tree(
    action: number,
    paths: readonly string[],
    { flags = 0, uid = -1, gid = -1 }: { flags?: number; uid?: number; gid?: number } = {},
  ): void {
    const text = paths.map((path) => `${path}\0`).join('');
    const at = this.#begin();
    scratch.writeUInt32LE(INSTRUCTION.tree | (action << 8) | (flags << 16), at);
    scratch.writeUInt32LE(text.length, at + 4);
    const rest = this.#reserve(TREE_REST_BYTES);
    scratch.writeInt32LE(uid, rest);
    scratch.writeInt32LE(gid, rest + 4);
    scratch.writeBigUInt64LE(0n, rest + 8);
    this.#data(text);
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
    } else if ('inout' in arg) {
      this.#bytes(ARG.inout, arg.inout, 0);
    } else if ('keep' in arg) {
      this.#bytes(ARG.keep, arg.bytes, arg.keep);
    } else {
      this.#bytes(ARG.kept, arg.flips, arg.kept);
    }
  }

  #bytes(kind: number, bytes: Uint8Array, value: number): void {
    this.#head(kind, bytes.length, value);
    this.#data(Buffer.from(bytes).toString('latin1'));
  }

  #head(kind: number, bytes: number, value: number | bigint): void {
    const at = this.#reserve(ARGUMENT_BYTES);
    scratch.writeUInt32LE(kind, at);
    scratch.writeUInt32LE(bytes, at + 4);
    if (typeof value === 'bigint') {
      scratch.writeBigInt64LE(value, at + 8);
    } else {
      // Numbers are safe integers; the high half of a negative one is its sign.
      scratch.writeInt32LE(value | 0, at + 8);
      scratch.writeInt32LE(Math.floor(value / 0x1_0000_0000), at + 12);
    }
  }

  #data(text: string): void {
    const at = this.#reserve(padded(text.length));
    scratch.write(text, at, 'latin1');
    scratch.fill(0, at + text.length, this.#at);
  }

  #begin(): number {
    this.#instructions++;
    return this.#reserve(CALL_BYTES);
  }

  #reserve(bytes: number): number {
    const at = this.#at;
    if (at + bytes > LIMIT.frameBytes) {
      throw new HarnessError('bad-input', 'the scenario is too large for one program');
    }
    this.#at += bytes;
    return at;
  }
}
