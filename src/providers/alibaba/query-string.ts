import type { Query } from '../../calls/call.ts';

/**
 * Returns the canonical query string: the parameters sorted by name and percent-encoded, with `name=` for an
 * empty value. Both signature versions cover this string, and the request URL contains it unchanged.
 * Parameter names are ASCII, so sorting by UTF-16 code unit gives the same order as sorting by byte.
 */
export function toCanonicalQuery(parameters: Query): string {
  return Object.entries(parameters)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(String(value))}`)
    .join('&');
}

/**
 * Percent-encodes the UTF-8 bytes of a text as RFC 3986 requires. encodeURIComponent alone does not suffice,
 * because it leaves five reserved characters unencoded.
 */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
