/** Maximum length in bytes of the text of a number. */
export const numberMaxBytes = 32;

const [minus, point, zero] = [0x2d, 0x2e, 0x30];

/**
 * Writes `value` into `out` at the byte position `at`, as the shortest decimal text that parses to the same
 * value. Returns the position after the text. The text is valid in both exposition formats. Nearly all values
 * are whole numbers or have at most three decimals; these are written without creating a string.
 */
export function writeNumber(value: number, out: Uint8Array, at: number): number {
  // Use 32-bit integer arithmetic first, because most values are small whole numbers.
  const integer = value | 0;
  if (integer === value && integer >= 0) return writeDigits(integer, digitsOf(integer), out, at);
  const size = Math.abs(value);
  const thousandths = Math.round(size * 1000);
  // A division and a number parser round in the same way. So if thousandths / 1000 equals the absolute value,
  // the decimal text with these thousandths parses to exactly that value.
  if (!(thousandths <= Number.MAX_SAFE_INTEGER && thousandths / 1000 === size)) {
    return writeAscii(numberText(value), out, at);
  }
  if (value < 0) out[at++] = minus;
  const whole = Math.floor(size);
  return writeThousandths(thousandths - whole * 1000, out, writeWhole(whole, out, at));
}

/** Returns the text that `writeNumber` writes for a number. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

const billion = 1_000_000_000;

/** Writes a whole number from 0 to 2^53 - 1. Returns the position after the number. */
function writeWhole(whole: number, out: Uint8Array, at: number): number {
  if (whole < billion) return writeDigits(whole, digitsOf(whole), out, at);
  const high = Math.floor(whole / billion);
  return writeDigits(whole - high * billion, 9, out, writeDigits(high, digitsOf(high), out, at));
}

/**
 * Writes a decimal point and `thousandths` (0 to 999) without trailing zeros. Writes nothing for 0. Returns
 * the position after the text.
 */
function writeThousandths(thousandths: number, out: Uint8Array, at: number): number {
  if (thousandths === 0) return at;
  out[at++] = point;
  if (thousandths % 100 === 0) return writeDigits(thousandths / 100, 1, out, at);
  if (thousandths % 10 === 0) return writeDigits(thousandths / 10, 2, out, at);
  return writeDigits(thousandths, 3, out, at);
}

/** Returns the number of decimal digits of a whole number from 0 to 2^31 - 1. */
function digitsOf(integer: number): number {
  let digits = 1;
  for (let limit = 10; integer >= limit; limit *= 10) digits++;
  return digits;
}

/** Writes a whole number from 0 to 2^31 - 1 with exactly `digits` digits, with leading zeros if needed. */
function writeDigits(integer: number, digits: number, out: Uint8Array, at: number): number {
  let rest = integer;
  for (let position = at + digits - 1; position >= at; position--) {
    const quotient = (rest / 10) | 0;
    out[position] = zero + rest - quotient * 10;
    rest = quotient;
  }
  return at + digits;
}

/** Writes a text of ASCII characters. Returns the position after the text. */
function writeAscii(text: string, out: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}
