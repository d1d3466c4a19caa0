/**
 * Returns a stream key in the form that URLs contain: base64url, which no proxy changes. It is also the cursor of
 * a page whose last stream has this key. A cursor is a key, and not a position, so that the next page starts after
 * this stream even if streams were added or removed in between.
 */
export function toUrlKey(streamKey: string): string {
  return Buffer.from(streamKey).toString('base64url');
}

/** Returns the path of the page of a stream, relative to the status page. */
export function streamPath(streamKey: string): string {
  return `streams/${toUrlKey(streamKey)}`;
}

/** Returns the stream key in a URL; undefined if it is invalid. */
export function parseUrlKey(urlKey: string): string | undefined {
  const key = Buffer.from(urlKey, 'base64url').toString();
  // The comparison rejects characters that are not base64url, which the decoder ignores.
  return toUrlKey(key) === urlKey && isStreamKey(key) ? key : undefined;
}

/** Returns the stream key in a cursor. An empty cursor is before all streams; undefined if it is invalid. */
export function parseCursor(cursor: string): string | undefined {
  return cursor === '' ? '' : parseUrlKey(cursor);
}

function isStreamKey(text: string): boolean {
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) && parts.length === 5 && parts.every((part) => typeof part === 'string');
  } catch {
    return false;
  }
}
