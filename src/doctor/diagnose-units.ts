import type { CheckTarget, ReferenceRates } from './facts.ts';
import type { Finding } from './finding.ts';
import { medianPair, type RatePair } from './minute-rates.ts';
import { causeOfWarning, type Reading } from './reading.ts';
import {
  areImplausible,
  areSimilar,
  differByUnit,
  fittingUnit,
  medianBps,
  type UnitOptions,
  unitLike,
  wrongOne,
} from './units.ts';

/** Answer with bit rates whose unit is documented. */
interface Reference extends ReferenceRates {
  readonly reading: Reading;
}

/**
 * Returns the findings about units of bit rates. If there are bit rates of the same stream at about the same
 * time whose unit is documented, they decide; otherwise the range in which bit rates normally are, and the
 * comparison of the other operations. `unitsOf` returns the unit of an operation's bit rates; undefined if no
 * setting changes it.
 */
export function unitFindings(
  readings: readonly Reading[],
  unitsOf: (operation: string) => UnitOptions | undefined,
): readonly Finding[] {
  const all = readings.flatMap((reading): readonly Reference[] =>
    reading.answer.reference === undefined ? [] : [{ ...reading.answer.reference, reading }],
  );
  const reference = all.find(({ isConsistent }) => isConsistent);
  const compared = comparedUnits(readings, reference);
  return [
    ...readings.flatMap((reading): readonly Finding[] => {
      const { check, answer, common } = reading;
      const options = unitsOf(check.operation);
      const pair = reference && pairOf(reading, reference);
      if (pair !== undefined && areSimilar(pair.own, pair.reference)) return [];
      if (reference !== undefined && pair !== undefined && differByUnit(pair.own, pair.reference)) {
        return [referenceFinding(reading, pair, reference.reading.check.operation, options)];
      }
      const rates = [...(answer.push?.rates ?? []), ...(answer.listed?.values() ?? [])];
      const expectedBps = answer.push?.expectedBps;
      const bps = medianBps(rates);
      const isWarned = answer.warnings.some((text) => causeOfWarning(text) === 'unit');
      const other = compared.get(check.operation);
      if (bps === undefined || !(areImplausible(rates) || isWarned || other !== undefined)) return [];
      return [unitFinding(check.operation, common, bps, options, expectedBps ?? other)];
    }),
    ...all.filter(({ isConsistent }) => !isConsistent).map(contradictionFinding),
  ];
}

/**
 * Returns the bit rates of a reading and of the reference, for the same stream at about the same time;
 * undefined if there are none.
 */
function pairOf({ check, answer }: Reading, { reading, minutes }: Reference): RatePair | undefined {
  const { stream = '' } = reading.check.target;
  if (!isSameApp(check.target, reading.check.target)) return undefined;
  if (answer.push !== undefined) {
    return check.target.stream === stream ? medianPair(answer.push.minutes, minutes) : undefined;
  }
  const bitsPerSecond = answer.listed?.get(stream)?.bps;
  if (bitsPerSecond === undefined || answer.listedAt === undefined) return undefined;
  return medianPair([{ measuredAt: answer.listedAt, bitsPerSecond }], minutes);
}

/** Reports whether two targets are in the same application, in which the name of a stream is unique. */
function isSameApp(a: CheckTarget, b: CheckTarget): boolean {
  return a.domain === b.domain && a.appName === b.appName;
}

/**
 * Compares the bit rates of the same stream from the history and from a list. Returns the operations whose
 * unit is wrong, each with the bit rate in bit/s that another operation reports.
 */
function comparedUnits(
  readings: readonly Reading[],
  reference: Reference | undefined,
): ReadonlyMap<string, number> {
  const wrong = new Map<string, number>();
  for (const reading of readings) {
    const { check, answer } = reading;
    const own = medianBps(answer.push?.rates ?? []);
    if (own === undefined) continue;
    const expectedBps = (reference && pairOf(reading, reference))?.reference ?? answer.push?.expectedBps;
    for (const other of readings) {
      if (!isSameApp(check.target, other.check.target)) continue;
      const listed = other.answer.listed?.get(check.target.stream ?? '')?.bps;
      const which = listed === undefined ? undefined : wrongOne(own, listed, expectedBps);
      if (which === 'first') wrong.set(check.operation, listed ?? own);
      if (which === 'second') wrong.set(other.check.operation, own);
    }
  }
  return wrong;
}

const reportSteps = [
  'run the command again with --record=DIR and report the files of DIR with the bit rate of the encoder',
];

function unitFinding(
  operation: string,
  common: Reading['common'],
  bps: number,
  options: UnitOptions | undefined,
  expectedBps: number | undefined,
): Finding {
  const unit = options && fittingUnit(bps, options, expectedBps);
  const isKnown = unit !== undefined && unit !== options?.current;
  return {
    ...common,
    cause: 'unit',
    severity: 'problem',
    title: `the bit rates of a live stream are about ${Math.round(bps)} bit/s, so their unit is not the assumed one`,
    summary: isKnown ? `set bitrate_unit to ${unit}` : 'report the answer',
    remedy: isKnown
      ? [
          `set bitrate_unit of the account: with ${unit}, the bit rate fits the ${expectedBps === undefined ? 'normal range' : 'expected one'}`,
        ]
      : reportSteps,
    paste: isKnown ? `bitrate_unit: {${operation}: ${unit}}` : undefined,
  };
}

/** Returns the finding for bit rates that differ by a unit from those of the operation `referenceName`. */
function referenceFinding(
  { check: { operation }, common }: Reading,
  { own, reference }: RatePair,
  referenceName: string,
  options: UnitOptions | undefined,
): Finding {
  const unit = options && unitLike(own, options, reference);
  const [ownText, referenceText] = [own, reference].map((bps) => `${Math.round(bps)} bit/s`);
  return {
    ...common,
    cause: 'unit',
    severity: 'problem',
    title: `${operation} reports about ${ownText} for a live stream, and ${referenceName}, whose unit is documented, ${referenceText}`,
    summary: unit === undefined ? 'report the answer' : `set bitrate_unit to ${unit}`,
    remedy:
      unit === undefined
        ? reportSteps
        : [`set bitrate_unit of the account: with ${unit}, both operations report the same bit rate`],
    paste: unit === undefined ? undefined : `bitrate_unit: {${operation}: ${unit}}`,
  };
}

/** Returns the remark that the reference contradicts itself, so that it proves nothing. */
function contradictionFinding({ reading: { check, common } }: Reference): Finding {
  return {
    ...common,
    cause: 'unit',
    severity: 'remark',
    title: `the bit rates of ${check.operation} are not those of its bytes, so other bit rates were not compared with them`,
    summary: 'report the answer',
    remedy: reportSteps,
  };
}
