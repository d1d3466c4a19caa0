/** No number takes more bytes than this. */
export const numberMaxBytes = 32;

const [minus, point, zero] = [0x2d, 0x2e, 0x30];

/**
 * Writes the shortest text that reads back as the same number, as both formats spell it, and returns the position
 * after it. Whole numbers and thousandths, which is nearly all there is, need no string.
 */
export function writeNumber(value: number, out: Uint8Array, at: number): number {
  // Most values are small and whole, and integers are all that those need.
  const integer = value | 0;
  if (integer === value && integer >= 0) return writeDigits(integer, digitsOf(integer), out, at);
  const size = Math.abs(value);
  const thousandths = Math.round(size * 1000);
  // The quotient is rounded as a reader rounds the digits, so where it is the value the digits are exact.
  if (!(thousandths <= Number.MAX_SAFE_INTEGER && thousandths / 1000 === size)) {
    return writeAscii(numberText(value), out, at);
  }
  if (value < 0) out[at++] = minus;
  const whole = Math.floor(size);
  return writeThousandths(thousandths - whole * 1000, out, writeWhole(whole, out, at));
}

/** The same as a string. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

const billion = 1_000_000_000;

function writeWhole(whole: number, out: Uint8Array, at: number): number {
  if (whole < billion) return writeDigits(whole, digitsOf(whole), out, at);
  const high = Math.floor(whole / billion);
  return writeDigits(whole - high * billion, 9, out, writeDigits(high, digitsOf(high), out, at));
}

function writeThousandths(rest: number, out: Uint8Array, at: number): number {
  if (rest === 0) return at;
  out[at++] = point;
  if (rest % 100 === 0) return writeDigits(rest / 100, 1, out, at);
  if (rest % 10 === 0) return writeDigits(rest / 10, 2, out, at);
  return writeDigits(rest, 3, out, at);
}

/** Small enough to be counted in integers: below 2^31. */
function digitsOf(small: number): number {
  let digits = 1;
  for (let limit = 10; small >= limit; limit *= 10) digits++;
  return digits;
}

function writeDigits(small: number, digits: number, out: Uint8Array, at: number): number {
  let rest = small;
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = (rest / 10) | 0;
    out[place] = zero + rest - tenth * 10;
    rest = tenth;
  }
  return at + digits;
}

function writeAscii(text: string, out: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}
