import { canonicalAddress } from '../../model/address.ts';
import { readText } from './values.ts';

/**
 * Reads an address in canonical form. Returns undefined if the address is unknown: for an empty text, for a
 * value that is not a text, and for `-`, which providers write in place of an internal address. Source of
 * `-`: Tencent CSS API 3.0, "DescribeLiveStreamEventList".
 */
export function readAddress(value: unknown): string | undefined {
  const text = readText(value);
  return text === undefined || text === '-' ? undefined : canonicalAddress(text);
}

/**
 * Creates a variant of `readAddress` for the rows of one response. If the value equals the value of the
 * previous row, it returns the same string object. Samples stay in memory for minutes, and otherwise each
 * sample would keep a copy of its own.
 */
export function createAddressReader(): typeof readAddress {
  let lastValue: unknown;
  let lastAddress: string | undefined;
  return (value) => {
    if (value !== lastValue) {
      lastValue = value;
      lastAddress = readAddress(value);
    }
    return lastAddress;
  };
}
