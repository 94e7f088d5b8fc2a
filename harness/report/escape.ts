/** Characters that no XML document may hold, however they are spelled; HTML would show nothing. */
const UNPRINTABLE = /[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** They make text stand in another order than it has. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text for XML and HTML, between tags or in a quoted attribute. Names are arbitrary bytes: what
 * cannot be shown is spelled as strace does, and so is what would turn the text around.
 */
export function escapeMarkup(text: string): string {
  const shown = text.replaceAll(UNPRINTABLE, spell).replaceAll(TURNING, spell);
  return shown.replaceAll(/[&<>"']/g, (char) => NAMED[char] ?? char);
}

function spell(char: string): string {
  const code = char.charCodeAt(0);
  const digits = code.toString(16);
  return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
}
