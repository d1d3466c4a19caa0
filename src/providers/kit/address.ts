import { canonicalAddress } from '../../model/address.ts';
import { createRepeatedReader, readText } from './values.ts';

/**
 * Reads an address in canonical form. Returns undefined if the address is unknown: for an empty text, for a
 * value that is not a text, and for `-`, which providers write in place of an internal address. Source of
 * `-`: Tencent CSS API 3.0, "DescribeLiveStreamEventList".
 */
export function readAddress(value: unknown): string | undefined {
  const text = readText(value);
  return text === undefined || text === '-' ? undefined : canonicalAddress(text);
}

/** Creates a variant of `readAddress` for the rows of one response. */
export function createAddressReader(): typeof readAddress {
  return createRepeatedReader(readAddress);
}
