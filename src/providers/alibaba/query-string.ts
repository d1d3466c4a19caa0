import type { Query } from '../../calls/call.ts';

/**
 * The parameters as both signatures want them and as they are sent: sorted by name, percent-encoded, `name=` where the
 * value is empty. Names are ASCII, so the order of code units is that of bytes.
 */
export function toCanonicalQuery(parameters: Query): string {
  return Object.entries(parameters)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(String(value))}`)
    .join('&');
}

/** UTF-8, and only letters, digits and - _ . ~ stay: encodeURIComponent leaves five more as they are. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
