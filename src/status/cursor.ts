/**
 * Returns the cursor of a page whose last stream has the key `streamKey`. It contains the key, and not a
 * position, so that the next page starts after this stream even if streams were added or removed in between.
 */
export function toCursor(streamKey: string): string {
  return Buffer.from(streamKey).toString('base64url');
}

/** Returns the stream key in a cursor. An empty cursor is before all streams; undefined if it is invalid. */
export function parseCursor(cursor: string): string | undefined {
  const key = Buffer.from(cursor, 'base64url').toString();
  // The comparison rejects characters that are not base64url, which the decoder ignores.
  return cursor === '' || (toCursor(key) === cursor && isStreamKey(key)) ? key : undefined;
}

function isStreamKey(text: string): boolean {
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) && parts.length === 5 && parts.every((part) => typeof part === 'string');
  } catch {
    return false;
  }
}
