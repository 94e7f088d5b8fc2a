import { ARG, bytesOf, CALLS, INSTRUCTION, offsetsOf, padded, STRUCTS } from './protocol.ts';
import type { CallName } from './protocol.ts';

/** An argument of a call as the executor finds it. */
export interface ReadArgument {
  readonly kind: keyof typeof ARG;
  /** How much data it brings, or how much room it offers. */
  readonly bytes: number;
  readonly value: bigint;
  /** One character for each byte; empty when none travels. */
  readonly data: string;
}

export type Instruction =
  | {
      readonly op: 'call';
      readonly call: CallName;
      readonly resultSlot: number;
      readonly args: readonly ReadArgument[];
    }
  | { readonly op: 'close'; readonly slot: number }
  | {
      readonly op: 'tree';
      readonly action: number;
      readonly flags: number;
      readonly owner: readonly [uid: number, gid: number];
      readonly paths: readonly string[];
    }
  | { readonly op: 'apart'; readonly calls: number; readonly maps: readonly string[] }
  | { readonly op: 'until'; readonly error: number; readonly milliseconds: number }
  | { readonly op: 'dump'; readonly tree: number; readonly path: string };

const CALL = offsetsOf(STRUCTS.call);
const ARGUMENT = offsetsOf(STRUCTS.argument);
const CLOSE = offsetsOf(STRUCTS.close);
const DUMP = offsetsOf(STRUCTS.dump);
const APART = offsetsOf(STRUCTS.apart);
const TREE = offsetsOf(STRUCTS.tree);
const UNTIL = offsetsOf(STRUCTS.until);
const ARG_KINDS = Object.keys(ARG) as readonly (keyof typeof ARG)[]; // ARG is a literal.

const TRAVELLING: ReadonlySet<keyof typeof ARG> = new Set(['input', 'inout', 'keep', 'kept']);

/** A program as the executor reads it. Throws a RangeError where it is none. */
export function readProgram(program: Buffer): Instruction[] {
  const instructions: Instruction[] = [];
  let at = 0;
  while (at < program.length) {
    const [instruction, end] = readInstruction(program, at);
    instructions.push(instruction);
    at = end;
  }
  return instructions;
}

function readInstruction(program: Buffer, start: number): readonly [Instruction, end: number] {
  const op = program.readUInt8(start);
  if (op === INSTRUCTION.call || op === INSTRUCTION.child) return readCall(program, start);
  if (op === INSTRUCTION.close) {
    const slot = program.readUInt32LE(start + CLOSE.slot);
    return [{ op: 'close', slot }, start + bytesOf(STRUCTS.close)];
  }
  if (op === INSTRUCTION.tree) return readTree(program, start);
  if (op === INSTRUCTION.apart) {
    const bytes = program.readUInt32LE(start + APART.bytes);
    const from = start + bytesOf(STRUCTS.apart);
    const maps = program.toString('latin1', from, from + bytes - 1).split('\0');
    const calls = program.readUInt8(start + APART.calls);
    return [{ op: 'apart', calls, maps }, from + padded(bytes)];
  }
  if (op === INSTRUCTION.until) {
    const error = program.readUInt16LE(start + UNTIL.error);
    const milliseconds = program.readUInt32LE(start + UNTIL.milliseconds);
    return [{ op: 'until', error, milliseconds }, start + bytesOf(STRUCTS.until)];
  }
  if (op !== INSTRUCTION.dump) throw new RangeError(`no instruction ${op} at byte ${start}`);
  const bytes = program.readUInt32LE(start + DUMP.bytes);
  const from = start + bytesOf(STRUCTS.dump);
  const path = program.toString('latin1', from, from + bytes - 1);
  const tree = program.readUInt8(start + DUMP.tree);
  return [{ op: 'dump', tree, path }, from + padded(bytes)];
}

function readTree(program: Buffer, start: number): readonly [Instruction, end: number] {
  const bytes = program.readUInt32LE(start + TREE.bytes);
  const from = start + bytesOf(STRUCTS.tree);
  const text = program.toString('latin1', from, from + bytes - 1);
  const tree = {
    op: 'tree',
    action: program.readUInt8(start + TREE.action),
    flags: program.readUInt16LE(start + TREE.flags),
    owner: [program.readInt32LE(start + TREE.uid), program.readInt32LE(start + TREE.gid)],
    paths: text.split('\0'),
  } as const;
  return [tree, from + padded(bytes)];
}

function readCall(program: Buffer, start: number): readonly [Instruction, end: number] {
  const call = CALLS[program.readUInt16LE(start + CALL.call)];
  if (call === undefined) throw new RangeError(`no such call at byte ${start}`);
  const args: ReadArgument[] = [];
  let at = start + bytesOf(STRUCTS.call);
  const count = program.readUInt8(start + CALL.count);
  while (args.length < count) {
    const code = program.readUInt8(at + ARGUMENT.kind);
    const kind = ARG_KINDS.find((name) => ARG[name] === code);
    if (kind === undefined) throw new RangeError(`no argument of kind ${code} at byte ${at}`);
    const bytes = program.readUInt32LE(at + ARGUMENT.bytes);
    const value = program.readBigInt64LE(at + ARGUMENT.value);
    at += bytesOf(STRUCTS.argument);
    const travels = TRAVELLING.has(kind);
    args.push({
      kind,
      bytes,
      value,
      data: travels ? program.toString('latin1', at, at + bytes) : '',
    });
    if (travels) at += padded(bytes);
  }
  const resultSlot = program.readInt16LE(start + CALL.slot);
  return [{ op: 'call', call, resultSlot, args }, at];
}
