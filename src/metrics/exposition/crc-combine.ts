/*
 * CRC-32 of joined texts. A CRC-32 is a remainder of polynomials over GF(2), in reflected bit order: bit 31 is the
 * coefficient of x^0. The method is that of crc32_combine in zlib.
 */

/** Polynomial of CRC-32 without its term x^32, in reflected bit order. */
const polynomial = 0xedb8_8320;

/** The polynomials x^(2^i), modulo the polynomial of CRC-32. */
const powers: readonly number[] = powersOfX();

/** Returns the CRC-32 of two joined texts. `secondBytes` is the length of the second text in bytes. */
export function combineCrcs(first: number, second: number, secondBytes: number): number {
  // Appending a bit multiplies the remainder by x.
  let shifted = first;
  let bits = secondBytes * 8;
  for (let i = 0; bits > 0; i++) {
    if (bits % 2 === 1) shifted = multiply(powers[i % powers.length] ?? 0, shifted);
    bits = Math.floor(bits / 2);
  }
  return (shifted ^ second) >>> 0;
}

function powersOfX(): readonly number[] {
  let power = 0x4000_0000;
  // x^(2^32) is x again.
  return Array.from({ length: 32 }, () => {
    const current = power;
    power = multiply(power, power);
    return current;
  });
}

/** Multiplies two polynomials modulo the polynomial of CRC-32. */
function multiply(a: number, b: number): number {
  let product = 0;
  let rest = b;
  for (let mask = 0x8000_0000; mask !== 0; mask >>>= 1) {
    if ((a & mask) !== 0) product ^= rest;
    rest = (rest & 1) === 0 ? rest >>> 1 : (rest >>> 1) ^ polynomial;
  }
  return product >>> 0;
}
