/** Maximum length of a number. */
export const numberMaxBytes = 32;

const [minus, point, zero] = [0x2d, 0x2e, 0x30];

/**
 * Writes the shortest text that parses to the same number, as both formats write it, and returns the position
 * after it. Fast paths write whole numbers and thousandths, nearly all values, without a string.
 */
export function writeNumber(value: number, out: Uint8Array, at: number): number {
  // Most values are small whole numbers: 32-bit integer arithmetic is enough.
  const integer = value | 0;
  if (integer === value && integer >= 0) return writeDigits(integer, digitsOf(integer), out, at);
  const size = Math.abs(value);
  const thousandths = Math.round(size * 1000);
  // Division rounds like a parser: if the quotient is the value, the digits parse to the value.
  if (!(thousandths <= Number.MAX_SAFE_INTEGER && thousandths / 1000 === size)) {
    return writeAscii(numberText(value), out, at);
  }
  if (value < 0) out[at++] = minus;
  const whole = Math.floor(size);
  return writeThousandths(thousandths - whole * 1000, out, writeWhole(whole, out, at));
}

/** Returns the text of `writeNumber` as a string. */
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

/** Writes a decimal fraction without trailing zeros. */
function writeThousandths(thousandths: number, out: Uint8Array, at: number): number {
  if (thousandths === 0) return at;
  out[at++] = point;
  if (thousandths % 100 === 0) return writeDigits(thousandths / 100, 1, out, at);
  if (thousandths % 10 === 0) return writeDigits(thousandths / 10, 2, out, at);
  return writeDigits(thousandths, 3, out, at);
}

/** Returns the number of decimal digits of a number below 2^31. */
function digitsOf(integer: number): number {
  let digits = 1;
  for (let limit = 10; integer >= limit; limit *= 10) digits++;
  return digits;
}

/** Writes a number below 2^31 with leading zeros. */
function writeDigits(integer: number, digits: number, out: Uint8Array, at: number): number {
  let rest = integer;
  for (let position = at + digits - 1; position >= at; position--) {
    const quotient = (rest / 10) | 0;
    out[position] = zero + rest - quotient * 10;
    rest = quotient;
  }
  return at + digits;
}

function writeAscii(text: string, out: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}
