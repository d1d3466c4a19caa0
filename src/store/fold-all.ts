import type { EpochMs } from '../model/time.ts';
import { createFold } from './fold.ts';
import type { Journal } from './journal.ts';
import type { KeptFiles } from './kept-files.ts';
import { type Damage, timeText } from './new-state-file.ts';
import { recordKey } from './record-rows.ts';

/** Records that are folded per transaction. */
const recordsPerStep = 500;

interface FoldAll {
  readonly now: EpochMs;
  readonly lost: ReadonlySet<string>;
  readonly onDamage: (damage: Damage) => void;
  /** Called after all damage was reported, before a file is moved or deleted. */
  readonly beforeRepair: () => void;
}

/**
 * Folds all journal files into the state file. Returns the time of the last save that they contain; undefined
 * if there is none.
 */
export function foldAll(
  journal: Journal,
  { rows, isCheckpointed }: KeptFiles,
  { now, lost, onDamage, beforeRepair }: FoldAll,
): EpochMs | undefined {
  const numbers = journal.numbers();
  const damaged = new Map<number, Pick<Damage, 'problems' | 'recovered'>>();
  /** Keys of the records that each file cannot restore, nor a later file as a whole. */
  const lostIn = new Map<number, Set<string>>();
  /** Keys of records that are lost, unless a later file contains them as a whole. */
  const lostSoFar = new Set<string>();
  const wasLost = (targetKey: string) => lostSoFar.has(targetKey) || lost.has(recordKey(targetKey));
  let savedAt: EpochMs | undefined;
  let recovered = 0;
  for (const number of numbers) {
    const isLast = number === numbers.at(-1);
    const fold = createFold({ journal, number, isLast, file: rows(), wasLost });
    const lostHere = new Set<string>();
    for (let isDone = false; !isDone; ) {
      const step = fold.step(recordsPerStep, now);
      for (const targetKey of step.lost) lostHere.add(targetKey);
      isDone = step.isDone;
    }
    // If the file is folded again later, it must not contain what did not count.
    if (fold.intactEnd !== undefined) journal.truncate(number, fold.intactEnd);
    savedAt = latest(savedAt, fold.savedAt <= now ? fold.savedAt : undefined);
    for (const targetKey of lostHere) lostSoFar.add(targetKey);
    lostIn.set(number, lostHere);
    const restored = new Set([...lostSoFar].filter((key) => fold.hasChangeOf(key) && !lostHere.has(key)));
    for (const targetKey of restored) {
      lostSoFar.delete(targetKey);
      // If a later file cannot restore the record, this is another loss.
      for (const lostEarlier of lostIn.values()) lostEarlier.delete(targetKey);
    }
    // A process found the loss, saved these records as a whole and ended before it deleted the earlier files.
    for (const [earlier, damage] of damaged) {
      const problems = without(damage.problems, restored);
      if (problems.length > 0) damaged.set(earlier, { ...damage, problems });
      else damaged.delete(earlier);
    }
    // The loss of these records was reported with the damage of the state file.
    const known = new Set([...lostHere].filter((targetKey) => lost.has(recordKey(targetKey))));
    const problems = without(fold.problems, known);
    if (problems.length > 0) damaged.set(number, { problems, recovered: fold.recovered() });
    recovered += fold.recovered();
  }
  // Before a file is deleted, so that the gap is found again if this report ends the start.
  const missing = missingIn(numbers).map((number) => `${journal.name(number)}: the file is missing`);
  if (missing.length > 0) onDamage({ problems: missing, isLossy: true, recovered, movedTo: undefined });
  // If this is false, the files must stay: the maintenance folds them once more, in the same order.
  const isFolded = isCheckpointed();
  const suffix = timeText(now);
  const reported = new Set<string>();
  for (const [number, { problems, recovered }] of damaged) {
    const lostHere = lostIn.get(number) ?? new Set();
    const movedTo = isFolded ? journal.asidePath(number, suffix) : undefined;
    // A later file cannot restore the record either, which is the same loss. The file is reported all the same, perhaps
    // without problems: if `beforeRepair` throws, the next call finds others there, because the rows are removed.
    const repeated = lostHere.intersection(reported);
    onDamage({ problems: without(problems, repeated), isLossy: true, recovered, movedTo });
    for (const targetKey of lostHere) reported.add(targetKey);
  }
  beforeRepair();
  if (!isFolded) return savedAt;
  for (const number of numbers) {
    if (damaged.has(number)) journal.moveAside(number, suffix);
    else journal.remove(number);
  }
  return savedAt;
}

/**
 * Returns the problems of a fold that are not about these records. Looks each problem up, because all records of a state
 * can be lost at once.
 */
export function without(
  problems: readonly string[],
  targetKeys: Pick<ReadonlySet<string>, 'has'>,
): readonly string[] {
  return problems.filter((text) => !prefixesOf(text).some((prefix) => targetKeys.has(prefix)));
}

/** Returns what can be the key at the start of a problem: keys and reasons can contain the separator themselves. */
function* prefixesOf(text: string): Generator<string> {
  const separator = ': ';
  for (let at = text.indexOf(separator); at !== -1; at = text.indexOf(separator, at + 1)) {
    yield text.slice(0, at);
  }
}

/**
 * Returns the first number of each gap between two others. Files are deleted in the order of their numbers, so
 * neither a kill nor a power failure leaves a gap.
 */
function missingIn(numbers: readonly number[]): readonly number[] {
  return numbers.slice(0, -1).flatMap((number, i) => (numbers[i + 1] === number + 1 ? [] : [number + 1]));
}

/** Returns the later one of two times. */
export function latest(a: EpochMs | undefined, b: EpochMs | undefined): EpochMs | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
