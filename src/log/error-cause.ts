/**
 * Minimum length of a target's name that is recognized in an error message. A shorter name can be a common
 * word of the message.
 */
const minNameLength = 4;

/**
 * Returns the part of an error message that all failures with the same cause have in common. Request IDs,
 * addresses, lengths, durations and other words with a digit become `#`, and so does the name of the target.
 * HTTP statuses and result codes stay, because they tell causes apart.
 */
export function causeOf(message: string, target: string): string {
  const named = target.length < minNameLength ? message : message.replaceAll(target, '#');
  return (
    named
      // The number of attempts is no part of the cause: see `withAttempts` in src/calls/retry.ts.
      .replace(/; gave up after \d+ attempts$/, '')
      .replace(/\b(?:HTTP|code) -?\d{1,6}\b|[\w.:@%+/=~[\]-]+/gi, withoutId)
      // Lists, such as addresses, differ in length.
      .replace(/#(?:[\s,;]*#)+/g, '#')
  );
}

function withoutId(word: string): string {
  if (/^(?:HTTP|code) /i.test(word)) return word;
  return /\d|^[a-f-]{8,}$/i.test(word) ? '#' : word;
}
