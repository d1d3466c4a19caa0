/**
 * Replaces the characters of a text that a terminal would obey, that end a line, or that change the direction of the
 * text, by escapes such as `\u{1b}`. Names come from publishers, so they can contain any character.
 */
export function toPrintable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  );
}
