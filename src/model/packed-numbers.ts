/*
 * Lists of numbers as texts with one byte per character, which V8 stores in one byte each. Most numbers of a
 * record are small integers and take one to four bytes instead of eight. Equal lists have equal texts.
 *
 * An integer is stored in groups of seven bits, the lowest first; the highest bit of a byte is 1 if another
 * group follows. Its sign is the lowest bit (as in the zigzag encoding of Protocol Buffers), and the two
 * smallest values stand for an unknown number and for a number that follows as a double.
 */

/** Stands for undefined in a list. No measured value is NaN. */
export const none = Number.NaN;

const noneByte = 0;
const doubleByte = 1;
const firstInteger = 2;

/** Integers below this limit, with their sign and `firstInteger`, are exact. */
const integerLimit = 2 ** 51;

/**
 * Bit operations are exact for four groups of seven bits. Larger numbers are divided into parts of this size.
 */
const partLimit = 2 ** 28;

/** Maximum length of one number: eight groups, or a double with its mark. */
const maxBytes = 9;

/** List of numbers. */
export interface NumberList {
  readonly values: Float64Array;
  /** Number of the first values that belong to the list. */
  readonly length: number;
}

// Packing and unpacking a list never wait, so all lists share the same memory, which grows with the longest
// one.
let bytes = Buffer.alloc(1024 * maxBytes);
let list: { values: Float64Array; length: number } = { values: new Float64Array(1024), length: 0 };

function grow(length: number): void {
  if (length <= list.values.length) return;
  list = { values: new Float64Array(2 * length), length: 0 };
  bytes = Buffer.alloc(2 * length * maxBytes);
}

/**
 * Returns shared memory for the values of a list with at most `length` numbers, which is then packed at once.
 */
export function valuesFor(length: number): Float64Array {
  grow(length);
  return list.values;
}

/** Returns the text of a list whose values are in the shared memory. */
export function packNumbers({ values, length: count }: NumberList): string {
  const target = bytes;
  let length = 0;
  for (let i = 0; i < count; i++) {
    const number = values[i] as number;
    if (Number.isInteger(number) && number > -integerLimit && number < integerLimit) {
      let rest = (number < 0 ? -2 * number - 1 : 2 * number) + firstInteger;
      while (rest >= partLimit) {
        const part = rest % partLimit;
        for (let shift = 0; shift < 28; shift += 7) target[length++] = ((part >>> shift) & 127) | 128;
        rest = (rest - part) / partLimit;
      }
      for (; rest >= 128; rest >>>= 7) target[length++] = (rest & 127) | 128;
      target[length++] = rest;
    } else if (Number.isNaN(number)) target[length++] = noneByte;
    else {
      target[length] = doubleByte;
      length = target.writeDoubleLE(number, length + 1);
    }
  }
  return target.toString('latin1', 0, length);
}

/**
 * Returns the list of a text, or its first `count` numbers. The list is in shared memory, so read it before
 * the next call.
 */
export function unpackNumbers(text: string, count = text.length): NumberList {
  grow(text.length);
  const source = bytes;
  const { values } = list;
  // Reading an array of bytes is much faster than reading the characters of a text.
  const end = source.write(text, 'latin1');
  let length = 0;
  for (let at = 0; at < end && length < count; length++) {
    let byte = source[at++] as number;
    let low = byte & 127;
    for (let shift = 7; byte >= 128 && shift < 28; shift += 7) {
      byte = source[at++] as number;
      low |= (byte & 127) << shift;
    }
    if (byte >= 128) {
      let value = low;
      for (let factor = partLimit; byte >= 128; factor *= 128) {
        byte = source[at++] as number;
        value += (byte & 127) * factor;
      }
      // `firstInteger` is even, so the lowest bit is still the sign.
      values[length] = (low & 1) === 0 ? (value - firstInteger) / 2 : -(value - firstInteger + 1) / 2;
    } else if (low >= firstInteger) {
      values[length] = (low & 1) === 0 ? (low - firstInteger) >> 1 : -((low - firstInteger + 1) >> 1);
    } else if (low === noneByte) values[length] = none;
    else {
      values[length] = source.readDoubleLE(at);
      at += 8;
    }
  }
  list.length = length;
  return list;
}

/** Returns the number at `index`, which must be within bounds: this function is on a hot path. */
export function numberAt({ values }: NumberList, index: number): number {
  return values[index] as number;
}

export function fromNone(number: number): number | undefined {
  return Number.isNaN(number) ? undefined : number;
}
