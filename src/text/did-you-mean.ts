import { visible } from './visible.ts';

/** Maximum length of a name for which a similar name is searched. The limit bounds the run time. */
const maxLength = 60;

/**
 * Returns the text `; did you mean "x"?`, where x is the known name most similar to `name`. Returns an empty
 * text if no known name is similar enough.
 */
export function didYouMean(name: string, known: Iterable<string>): string {
  const match = closestMatch(name, known);
  return match === undefined ? '' : `; did you mean ${visible(JSON.stringify(match))}?`;
}

/**
 * Returns the known name with the smallest edit distance from `name`; undefined if no known name is similar
 * enough. A distance is small enough if it is at most a third of the length of the known name, or 1. Among
 * known names with the same distance, the first one is returned.
 */
export function closestMatch(name: string, known: Iterable<string>): string | undefined {
  if (name.length > maxLength) return undefined;
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const maxDistance = Math.max(1, Math.floor(candidate.length / 3));
    if (Math.abs(candidate.length - name.length) > maxDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= maxDistance && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Returns the Damerau-Levenshtein distance (optimal string alignment) between two texts. A swap of two
 * adjacent letters counts as 1.
 */
function editDistance(a: string, b: string): number {
  let beforePrevious: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let distance = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, substituted);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, at(beforePrevious, j - 2) + 1);
      }
      row.push(distance);
    }
    beforePrevious = previous;
    previous = row;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

/** Converts a key to snake case, as config keys are written: `accessKeyId` becomes `access_key_id`. */
export function toSnakeCase(key: string): string {
  return key
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}
