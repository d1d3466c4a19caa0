import type { Draws } from '../chaos/draws.ts';
import { oddText } from './odd-values.ts';

/** Maximum length of a mutated text: long inputs are slow, and find no more. */
const maxLength = 256 * 1024;

/** Returns a text with one to four random changes: flipped, cut, repeated, moved, inserted or spliced parts. */
export function mutateText(text: string, draws: Draws, donors: readonly string[] = []): string {
  let changed = text;
  const changes = draws.pick([1, 1, 2, 3, 4]);
  for (let i = 0; i < changes; i++) changed = changeText(changed, draws, donors).slice(0, maxLength);
  return changed;
}

/** Returns bytes with random changes like those of `mutateText`. */
export function mutateBytes(bytes: Uint8Array, draws: Draws, donors: readonly Uint8Array[] = []): Buffer {
  const toText = (each: Uint8Array) => Buffer.from(each).toString('latin1');
  // Odd texts become UTF-8, so that the result contains whole characters outside latin1 too.
  const text = mutateText(toText(bytes), draws, donors.map(toText));
  return /[\u0100-\uffff]/.test(text) ? Buffer.from(text, 'utf8') : Buffer.from(text, 'latin1');
}

function changeText(text: string, draws: Draws, donors: readonly string[]): string {
  const at = draws.below(text.length + 1);
  const length = Math.min(text.length - at, draws.pick([1, 1, 2, 5, 20, 100, 1000]));
  const before = text.slice(0, at);
  const part = text.slice(at, at + length);
  const after = text.slice(at + length);
  switch (draws.below(10)) {
    case 0: {
      const bit = 1 << draws.below(8);
      return before + String.fromCharCode((text.charCodeAt(at) || 0) ^ bit) + text.slice(at + 1);
    }
    case 1:
      return before + after;
    case 2:
      return before + part.repeat(draws.pick([2, 2, 3, 10, 200, 5000])) + after;
    case 3:
      return before + oddText(draws) + text.slice(at);
    case 4:
      return before + oddText(draws) + after;
    case 5:
      return before;
    case 6: {
      const to = draws.below(after.length + 1);
      return before + after.slice(0, to) + part + after.slice(to);
    }
    case 7: {
      const donor = donors.length === 0 ? text : draws.pick(donors);
      const from = draws.below(donor.length + 1);
      return before + donor.slice(from, from + draws.pick([10, 100, 10_000])) + after;
    }
    case 8:
      return replaceNumber(text, at, draws);
    default:
      return before + String.fromCharCode(draws.below(256)).repeat(draws.pick([1, 1, 2, 50])) + after;
  }
}

/** Replaces the first number at or after `at`. */
function replaceNumber(text: string, at: number, draws: Draws): string {
  const found = /\d+/.exec(text.slice(at));
  if (found === null) return text;
  const number = draws.pick([
    '0',
    '1',
    '-1',
    '00',
    '99999999999',
    '1e9',
    '1e999',
    '0x7f',
    '2147483648',
    '1.5',
    '',
  ]);
  const start = at + found.index;
  return text.slice(0, start) + number + text.slice(start + found[0].length);
}
