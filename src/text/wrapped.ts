/*
 * Traces that copying a text through a shell, an env file, a chat or a document leaves in it. No function here
 * quotes the text, because it can be a secret.
 */

export type Wrapping = 'blank' | 'quote' | 'placeholder';

/**
 * Returns what is wrongly at both ends of a copied text: blanks, quotes of any language, or the marks of a
 * placeholder such as `${NAME}`, `%NAME%` or `<name>`. Returns undefined if there is nothing.
 */
export function wrappingOf(text: string): Wrapping | undefined {
  if (/^\s|\s$/u.test(text)) return 'blank';
  if (/^["'`\u2018-\u201f\u00ab\u00bb]|["'`\u2018-\u201f\u00ab\u00bb]$/.test(text)) return 'quote';
  return placeholder.test(text) ? 'placeholder' : undefined;
}

const placeholder = /^(\$\{.*\}|\$\(.*\)|\$[A-Z_][A-Z\d_]*|%[A-Z_][A-Z\d_]*%|\{\{.*\}\}|<.*>)$/;

/**
 * Returns the code point of the first character of a text that cannot be seen or told from a plain blank, such
 * as `U+200B`; undefined if there is none. The joiners U+200C and U+200D are allowed between letters that are
 * not ASCII, because some scripts and emoji need them.
 */
export function invisibleIn(text: string): string | undefined {
  const char = invisible.exec(text)?.[0];
  return char && `U+${char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Format characters, blanks other than the plain one, and the fillers of Hangul. */
const invisible =
  /(?![ \u200c\u200d])[\p{Cf}\p{Z}\u115f\u1160\u3164\uffa0]|(?<![^\0-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\0-\x7f])/u;
