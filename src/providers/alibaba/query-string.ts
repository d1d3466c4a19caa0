import type { Query } from '../../calls/call.ts';

/**
 * Returns the canonical query string, which both signatures cover and which is sent: sorted by name, percent-encoded, and
 * `name=` for an empty value. Names are ASCII, so the order of code units is the order of bytes.
 */
export function toCanonicalQuery(parameters: Query): string {
  return Object.entries(parameters)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(String(value))}`)
    .join('&');
}

/** Percent-encodes UTF-8 by RFC 3986: encodeURIComponent leaves five reserved characters unencoded. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
