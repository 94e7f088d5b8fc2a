import { createHash } from 'node:crypto';
import { ARG, bytesOf, CALLS, EXTENT_BLOCK_BYTES, FRAME, INSTRUCTION, LIMIT } from './protocol.ts';
import { NEW_CALLS, RECORD, TREE, TREE_FLAG, SHOWN_FLAGS, STRUCTS } from './protocol.ts';

const C_TYPES = {
  u8: 'uint8_t',
  u16: 'uint16_t',
  u32: 'uint32_t',
  u64: 'uint64_t',
  i16: 'int16_t',
  i32: 'int32_t',
  i64: 'int64_t',
} as const;

function defines(prefix: string, table: Readonly<Record<string, number>>): string {
  return Object.entries(table)
    .map(([name, value]) => `#define ${prefix}_${snake(name)} ${value}\n`)
    .join('');
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function structs(): string {
  return Object.entries(STRUCTS)
    .map(([name, layout]) => {
      const fields = Object.entries(layout).map(
        ([field, type]) => `\t${C_TYPES[type]} ${field};\n`,
      );
      const size = `_Static_assert(sizeof(struct ovl_${name}) == ${bytesOf(layout)}, "${name}");\n`;
      return `struct ovl_${name} {\n${fields.join('')}};\n${size}`;
    })
    .join('\n');
}

/** Numbers come from the target's own headers; a call they lack answers ENOSYS. */
function calls(): string {
  const defaults = CALLS.map(
    (name) => `#ifndef SYS_${name}\n#define SYS_${name} ${NEW_CALLS[name] ?? -1}\n#endif\n`,
  );
  const rows = CALLS.map((name, index) => `\t[${index}] = SYS_${name},\n`);
  return `${defaults.join('')}\nstatic const long ovl_calls[] = {\n${rows.join('')}};\n`;
}

const BODY = [
  defines('FRAME', FRAME),
  defines('INSTRUCTION', INSTRUCTION),
  defines('ARG', ARG),
  defines('RECORD', RECORD),
  defines('TREE', TREE),
  defines('TREE_FLAG', TREE_FLAG),
  defines('LIMIT', LIMIT),
  `#define SHOWN_FLAGS ${SHOWN_FLAGS}\n`,
  `#define EXTENT_BLOCK_BYTES ${EXTENT_BLOCK_BYTES}\n`,
  structs(),
  calls(),
].join('\n');

/** What both sides of a handshake must agree on. */
export const PROTOCOL_HASH = createHash('sha256').update(BODY).digest('hex');

/** The text of `executor/protocol.h`. */
export const HEADER = `/* Printed by c-header.ts from protocol.ts. Do not edit. */
#ifndef OVLCHECK_PROTOCOL_H
#define OVLCHECK_PROTOCOL_H

#include <stdint.h>
#include <sys/syscall.h>

#define PROTOCOL_HASH "${PROTOCOL_HASH}"

${BODY}
#endif
`;

if (import.meta.main) process.stdout.write(HEADER);
