import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueMs, isDue, type ScheduleSlot } from '../../src/model/schedule.ts';
import { dayMs, hourMs, minuteMs } from '../../src/model/time.ts';

const everyDay = [0, 1, 2, 3, 4, 5, 6];

/** 09:00 to 18:00 on weekdays in Shanghai. */
function slot(change: Partial<ScheduleSlot> = {}): ScheduleSlot {
  return {
    days: [1, 2, 3, 4, 5],
    fromMinute: 9 * 60,
    toMinute: 18 * 60,
    timeZone: 'Asia/Shanghai',
    ...change,
  };
}

const at = (text: string) => Date.parse(text);

test('a stream with true is always due, one with false or with no slot never', () => {
  expect([true, false, []].map((schedule) => isDue(schedule, 0))).toEqual([true, false, false]);
  expect([true, false, []].map((schedule) => dueMs(schedule, 1_000, 4_500))).toEqual([3_500, 0, 0]);
  expect(dueMs(true, 4_500, 1_000)).toBe(0);
});

test('a slot holds its first millisecond and not its last, by the wall clock of its zone', () => {
  // 2026-01-16 is a Friday.
  expect(isDue([slot()], at('2026-01-16T08:59:59.999+08:00'))).toBe(false);
  expect(isDue([slot()], at('2026-01-16T09:00:00+08:00'))).toBe(true);
  expect(isDue([slot()], at('2026-01-16T17:59:59.999+08:00'))).toBe(true);
  expect(isDue([slot()], at('2026-01-16T18:00:00+08:00'))).toBe(false);
});

test('the day of the week is the day in the zone of the slot', () => {
  const earlyOnMonday = slot({ days: [1], fromMinute: 0, toMinute: 60 });

  expect(isDue([earlyOnMonday], at('2026-01-18T16:30:00Z'))).toBe(true);
  expect(isDue([earlyOnMonday], at('2026-01-19T16:30:00Z'))).toBe(false);
});

test('a slot that ends before it begins goes on past midnight, also into a day that is not its own', () => {
  const night = slot({ days: [5], fromMinute: 22 * 60, toMinute: 2 * 60 });

  expect(isDue([night], at('2026-01-16T23:00:00+08:00'))).toBe(true);
  expect(isDue([night], at('2026-01-17T01:59:59+08:00'))).toBe(true);
  expect(isDue([night], at('2026-01-17T02:00:00+08:00'))).toBe(false);
  expect(isDue([night], at('2026-01-16T01:00:00+08:00'))).toBe(false);
  expect(dueMs([night], at('2026-01-12T00:00:00+08:00'), at('2026-01-19T00:00:00+08:00'))).toBe(4 * hourMs);
});

test('a slot until 24:00 ends at midnight; one that ends when it begins lasts a day', () => {
  const day = { from: at('2026-01-16T00:00:00+08:00'), to: at('2026-01-19T00:00:00+08:00') };

  expect(dueMs([slot({ days: [5], fromMinute: 0, toMinute: 1440 })], day.from, day.to)).toBe(dayMs);
  expect(dueMs([slot({ days: [5], fromMinute: 0, toMinute: 0 })], day.from, day.to)).toBe(dayMs);
  expect(dueMs([slot({ days: [5], fromMinute: 540, toMinute: 540 })], day.from, day.to)).toBe(dayMs);
});

test('time in two slots counts once, also when the slots are of two zones', () => {
  const shanghai = slot({ days: everyDay, fromMinute: 9 * 60, toMinute: 12 * 60 });
  const tokyo = slot({ days: everyDay, fromMinute: 12 * 60, toMinute: 14 * 60, timeZone: 'Asia/Tokyo' });

  const due = dueMs([tokyo, shanghai], at('2026-01-16T00:00:00+08:00'), at('2026-01-17T00:00:00+08:00'));

  // Tokyo's 12:00 to 14:00 is Shanghai's 11:00 to 13:00.
  expect(due).toBe(4 * hourMs);
});

test('an hour that summer time skips is not due, and one that it repeats is due twice', () => {
  const berlin = (fromMinute: number, toMinute: number) =>
    slot({ days: everyDay, fromMinute, toMinute, timeZone: 'Europe/Berlin' });
  const spring = [at('2026-03-29T00:00:00+01:00'), at('2026-03-30T00:00:00+02:00')] as const;
  const autumn = [at('2026-10-25T00:00:00+02:00'), at('2026-10-26T00:00:00+01:00')] as const;

  expect(dueMs([berlin(60, 240)], ...spring)).toBe(2 * hourMs);
  expect(dueMs([berlin(135, 165)], ...spring)).toBe(0);
  expect(dueMs([berlin(60, 240)], ...autumn)).toBe(4 * hourMs);
  expect(dueMs([berlin(135, 165)], ...autumn)).toBe(60 * minuteMs);
  expect(dueMs([berlin(0, 1440)], ...spring)).toBe(23 * hourMs);
  expect(dueMs([berlin(0, 1440)], ...autumn)).toBe(25 * hourMs);
});

test('a zone that changes by half an hour is read right', () => {
  // Lord Howe Island goes from +11:00 to +10:30 at 02:00, which is then 01:30.
  const howe = slot({ days: [0], fromMinute: 60, toMinute: 180, timeZone: 'Australia/Lord_Howe' });

  expect(dueMs([howe], at('2026-04-04T00:00:00Z'), at('2026-04-06T00:00:00Z'))).toBe(150 * minuteMs);
});

const zones = [
  'UTC',
  'Asia/Shanghai',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
];
const anySlot = fc.record({
  days: fc.uniqueArray(fc.integer({ min: 0, max: 6 })),
  fromMinute: fc.integer({ min: 0, max: 1439 }),
  toMinute: fc.integer({ min: 0, max: 1440 }),
  timeZone: fc.constantFrom(...zones),
});
const anySlots = fc.array(anySlot, { minLength: 1, maxLength: 3 });
/** Near changes to and from summer time as often as not. */
const anyMoment = fc.oneof(
  fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2036-01-01T00:00:00Z') }),
  fc.integer({ min: at('2026-03-28T00:00:00Z'), max: at('2026-03-31T00:00:00Z') }),
  fc.integer({ min: at('2026-10-24T00:00:00Z'), max: at('2026-10-27T00:00:00Z') }),
);

test('however time is cut into pieces, the time due is the same', () => {
  fc.assert(
    fc.property(
      anySlots,
      anyMoment,
      fc.array(fc.integer({ min: 0, max: 5 * dayMs }), { minLength: 2, maxLength: 6 }),
      (slots, start, cuts) => {
        const moments = cuts.map((cut) => start + cut).sort((a, b) => a - b);
        const chunks = moments.slice(1).map((to, i) => dueMs(slots, moments[i] ?? to, to));

        expect(chunks.reduce((sum, chunk) => sum + chunk, 0)).toBe(
          dueMs(slots, moments[0] ?? start, moments.at(-1) ?? start),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('the time due is the number of minutes at which the wall clock shows a time within a slot', () => {
  fc.assert(
    fc.property(anySlots, anyMoment, fc.integer({ min: 1, max: 180 }), (slots, start, minutes) => {
      const from = Math.floor(start / minuteMs) * minuteMs;
      const shown = Array.from({ length: minutes }, (_, i) => from + i * minuteMs).filter((moment) =>
        slots.some((one) => wallShowsTimeWithin(one, moment)),
      );

      expect(dueMs(slots, from, from + minutes * minuteMs)).toBe(shown.length * minuteMs);
    }),
    { numRuns: 100 },
  );
});

/** Read from the text that Intl prints, so that it shares no arithmetic with the code. */
function wallShowsTimeWithin(
  { days, fromMinute, toMinute, timeZone }: ScheduleSlot,
  moment: number,
): boolean {
  const text = new Date(moment).toLocaleDateString('en-GB', { timeZone, weekday: 'short' });
  const clock = new Date(moment).toLocaleTimeString('en-GB', { timeZone });
  const today = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(text.slice(0, 3));
  const minute = Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
  const overMidnight = toMinute <= fromMinute;
  const endOfToday = overMidnight ? 1440 : toMinute;
  if (days.includes(today) && minute >= fromMinute && minute < endOfToday) return true;
  return overMidnight && days.includes((today + 6) % 7) && minute < toMinute;
}
