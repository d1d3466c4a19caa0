/**
 * Returns a text in which each character that would end a line, control a terminal, reverse the text direction or be
 * invisible is an escape such as `\\u202e`. Half of a surrogate pair is replaced.
 */
export function visible(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    char
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
