import { expect, test } from 'vitest';
import { unitFindings } from '../../src/doctor/diagnose-units.ts';
import type { Answered, Check, CheckTarget } from '../../src/doctor/facts.ts';
import { medianPair, minuteRates } from '../../src/doctor/minute-rates.ts';
import type { Reading } from '../../src/doctor/reading.ts';
import { areSimilar, differByUnit, unitLike } from '../../src/doctor/units.ts';
import type { MinuteRate } from '../../src/model/questions.ts';
import { noon, pushSample } from '../support/samples.ts';

const minute = 60_000;
const app = { domain: 'play.example.com', appName: 'live' };
const room: CheckTarget = { ...app, stream: 'room-1' };
const options = { current: 'bit', bitsPer: { bit: 1, byte: 8, kbit: 1_000 } };

const minutesOf = (...rates: readonly number[]): readonly MinuteRate[] =>
  rates.map((bitsPerSecond, i) => ({ measuredAt: noon + i * minute, bitsPerSecond }));

function reading(
  operation: string,
  question: Check['question'],
  more: Partial<Answered>,
  target: CheckTarget = room,
): Reading {
  const answer: Answered = { kind: 'answered', count: 1, malformed: 0, warnings: [], ...more };
  const check: Check = { operation, question, target, result: answer };
  return { check, answer, common: { account: 'a', operations: [operation] } };
}

const history = (bps: number, more: Partial<Answered> = {}) =>
  reading('GetHistory', 'push_stats', {
    push: {
      ...{
        ageMs: 0,
        isAdvancing: undefined,
        expectedDelayMs: 0,
        listedForMs: undefined,
        expectedBps: undefined,
      },
      rates: Array.from({ length: 3 }, () => ({ fps: 25, bps })),
      minutes: minutesOf(bps, bps, bps),
    },
    ...more,
  });
const list = (bps: number, listedAt = noon, target: CheckTarget = app) =>
  reading(
    'GetList',
    'live_push_stats',
    { listed: new Map([['room-1', { fps: 25, bps }]]), listedAt },
    target,
  );
const reference = (bps: number, { isConsistent = true, target = room } = {}) =>
  reading(
    'GetMetrics',
    'push_metrics',
    { reference: { minutes: minutesOf(bps, bps), isConsistent } },
    target,
  );

const found = (...readings: readonly Reading[]) =>
  unitFindings(readings, (operation) => (operation === 'GetMetrics' ? undefined : options)).map(
    ({ operations, severity, paste }) => [operations.join(), severity, paste],
  );

test('the operation whose unit is documented decides which unit is wrong', () => {
  const low = ['GetHistory', 'problem', 'bitrate_unit: {GetHistory: byte}'];
  const lowList = ['GetList', 'problem', 'bitrate_unit: {GetList: kbit}'];

  // 312.5 kbit/s and 2.5 Mbit/s are both plausible, so without it the typical bit rate decides.
  expect(found(history(312_500), list(2_500_000), reference(2_500_000))).toEqual([low]);
  expect(found(history(312_500), list(2_500_000), reference(312_500))).toEqual([
    ['GetList', 'problem', undefined],
  ]);
  expect(found(history(312_500), list(2_500), reference(2_500_000))).toEqual([low, lowList]);
  expect(found(history(2_500_000), list(2_500_000), reference(2_500_000))).toEqual([]);
});

test('bit rates outside of the usual range are right if the documented unit confirms them', () => {
  const warnings = ['the bit rates are low: check their unit'];

  expect(found(history(9_000, { warnings }))).toHaveLength(1);
  expect(found(history(9_000, { warnings }), reference(9_400))).toEqual([]);
});

test('decides the comparison with a list for whose time there is no reference', () => {
  const late = noon + 30 * minute;

  expect(found(history(312_500), list(2_500_000, late), reference(312_500))).toEqual([
    ['GetList', 'problem', undefined],
  ]);
  expect(found(history(312_500), list(2_500_000, late), reference(2_500_000))).toEqual([
    ['GetHistory', 'problem', 'bitrate_unit: {GetHistory: byte}'],
  ]);
});

test('compares only bit rates of the same stream', () => {
  const other = { ...room, stream: 'room-2' };
  const otherApp = { ...room, appName: 'show' };

  expect(found(history(312_500), reference(2_500_000, { target: other }))).toEqual([]);
  expect(found(history(312_500), list(312_500), reference(2_500_000, { target: otherApp }))).toEqual([]);
  expect(found(history(312_500), list(2_500_000, noon, { ...app, appName: 'show' }))).toEqual([]);
});

test('concludes nothing from a ratio that is not that of two units', () => {
  expect(found(history(1_000_000), reference(2_500_000))).toEqual([]);
});

test('concludes nothing from a reference that contradicts itself', () => {
  expect(found(history(312_500), reference(2_500_000, { isConsistent: false }))).toEqual([
    ['GetMetrics', 'remark', undefined],
  ]);
});

test('suggests only a unit that the config can set', () => {
  expect(found(history(300), reference(2_400_000))).toEqual([['GetHistory', 'problem', undefined]]);
  expect(unitLike(300_000, { ...options, current: 'byte' }, 37_500)).toBe('bit');
  expect(unitLike(2_500, options, 19_000)).toBe('byte');
  expect(unitLike(2_500, options, 500_000)).toBeUndefined();
});

test('tells bit rates in one unit from those in two, and from others', () => {
  expect([areSimilar(130, 100), areSimilar(100, 131)]).toEqual([true, false]);
  expect([8, 1 / 8, 125, 1_000, 8_000].map((ratio) => differByUnit(ratio, 1))).toEqual(Array(5).fill(true));
  expect([1, 2.5, 30, 400].map((ratio) => differByUnit(ratio, 1))).toEqual(Array(4).fill(false));
});

test('the mean of a minute needs samples of at least half of it', () => {
  const samples = [2_000_000, 3_000_000, undefined, 0, 1_000_000, 2_000_000, 2_000_000, 2_000_000].map(
    (bitsPerSecond, i) => pushSample({ measuredAt: noon + 5_000 * i, bitsPerSecond }),
  );
  const next = pushSample({ measuredAt: noon + minute, bitsPerSecond: 9_000_000 });

  expect(minuteRates([...samples, next], 5_000)).toEqual([{ measuredAt: noon, bitsPerSecond: 2_000_000 }]);
  expect(minuteRates(samples.slice(1), 5_000)).toEqual([]);
});

test('pairs the closest minutes, and takes the median', () => {
  const known = minutesOf(2_000, 0, 4_000);

  expect(medianPair(minutesOf(20, 30, 8_000), known)).toEqual({ own: 30, reference: 2_000 });
  expect(medianPair([{ measuredAt: noon + 4 * minute, bitsPerSecond: 1 }], known)).toEqual({
    own: 1,
    reference: 4_000,
  });
  expect(medianPair([{ measuredAt: noon + 4 * minute + 1, bitsPerSecond: 1 }], known)).toBeUndefined();
  expect(medianPair([], known)).toBeUndefined();
  expect(medianPair(minutesOf(1), [])).toBeUndefined();
});
