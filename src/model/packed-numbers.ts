/*
 * Lists of numbers as texts with one byte per character, which V8 stores in one byte each. Most numbers of a record are
 * small integers and take one to four bytes instead of eight. Equal lists have equal texts.
 *
 * An integer is stored in groups of seven bits, the lowest first; the highest bit of a byte tells that another group
 * follows. Its sign is the lowest bit (as in the zigzag encoding of Protocol Buffers), and the two smallest values stand
 * for an unknown number and for a number that follows as a double.
 */

/** Stands for undefined in a list. No measured value is NaN. */
export const none = Number.NaN;

const noneByte = 0;
const doubleByte = 1;
const firstInteger = 2;

/** Integers below this limit, with their sign and `firstInteger`, are exact. */
const integerLimit = 2 ** 51;

/** Bit operations are exact for four groups of seven bits. Larger numbers are divided into parts of this size. */
const partLimit = 2 ** 28;

/** Maximum length of one number: eight groups, or a double with its mark. */
const maxBytes = 9;

/** Bytes of the list that is packed or unpacked, which is done at once. Grows with the longest list. */
let bytes = Buffer.alloc(4096);

/** Returns the text of a list. */
export function packNumbers(numbers: readonly number[]): string {
  if (numbers.length * maxBytes > bytes.length) bytes = Buffer.alloc(2 * numbers.length * maxBytes);
  const target = bytes;
  let length = 0;
  for (const number of numbers) {
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

/** Returns the list of a text, or its first `count` numbers. */
export function unpackNumbers(text: string, count = Number.POSITIVE_INFINITY): readonly number[] {
  if (text.length > bytes.length) bytes = Buffer.alloc(2 * text.length);
  const source = bytes;
  // Reading an array of bytes is much faster than reading the characters of a text.
  const end = source.write(text, 'latin1');
  const numbers: number[] = [];
  for (let at = 0; at < end && numbers.length < count; ) {
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
      numbers.push((low & 1) === 0 ? (value - firstInteger) / 2 : -(value - firstInteger + 1) / 2);
    } else if (low >= firstInteger) {
      numbers.push((low & 1) === 0 ? (low - firstInteger) >> 1 : -((low - firstInteger + 1) >> 1));
    } else if (low === noneByte) numbers.push(none);
    else {
      numbers.push(source.readDoubleLE(at));
      at += 8;
    }
  }
  return numbers;
}

/** Returns the number at `index`, which must be within bounds: this function is on a hot path. */
export function numberAt(numbers: readonly number[], index: number): number {
  return numbers[index] as number;
}

export function fromNone(number: number): number | undefined {
  return Number.isNaN(number) ? undefined : number;
}
