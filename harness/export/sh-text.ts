/** A word as a shell reads it. */
export function shellWord(text: string): string {
  return /^[\w./+@%:,=#-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A path below a place, which a word stands for already. */
export function pathWord(place: string, path: string): string {
  return path === '.' ? place : `${place}/${shellWord(path)}`;
}

/** Bytes as %b of printf(1) spells them. */
export function shellBytes(bytes: string): string {
  const escaped = bytes.replaceAll(/[^ -~]|\\/g, (char) =>
    char === '\\' ? '\\\\' : `\\0${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return shellWord(escaped);
}

/** An owner as chown(1) takes it; null where nobody is named. */
export function ownerWord(uid: number, gid: number): string | null {
  if (uid < 0 && gid < 0) return null;
  return `${uid < 0 ? '' : uid}${gid < 0 ? '' : `:${gid}`}`;
}

/** An xattr's value as setfattr(1) takes it. */
export function valueWord(value: string): string {
  if (/^[A-Za-z/.+-][\w./+-]*$/.test(value)) return value;
  return `0x${Buffer.from(value, 'latin1').toString('hex')}`;
}

export function modeWord(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
