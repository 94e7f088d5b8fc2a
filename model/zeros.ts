/** Bytes as text, one character each; a file is mostly zeros where it has holes. */

export function isZeros(bytes: string): boolean {
  return lengthWithoutZeros(bytes) === 0;
}

/** Without the zeros at the end. A regular expression would take the square of their number. */
export function trimZeros(bytes: string): string {
  return bytes.slice(0, lengthWithoutZeros(bytes));
}

function lengthWithoutZeros(bytes: string): number {
  let length = bytes.length;
  while (length > 0 && bytes.charCodeAt(length - 1) === 0) length -= 1;
  return length;
}
