import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueMs, dueSince, dueTimes, isDue, type ScheduleSlot } from '../../src/model/live-schedule.ts';
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

test('is always due with true, never with false or without slots', () => {
  expect([true, false, []].map((schedule) => isDue(schedule, 0))).toEqual([true, false, false]);
  expect([true, false, []].map((schedule) => dueMs(schedule, 1_000, 4_500))).toEqual([3_500, 0, 0]);
  expect(dueMs(true, 4_500, 1_000)).toBe(0);
});

test('includes the start of a slot and excludes its end, in local time', () => {
  // 2026-01-16 is a Friday.
  expect(isDue([slot()], at('2026-01-16T08:59:59.999+08:00'))).toBe(false);
  expect(isDue([slot()], at('2026-01-16T09:00:00+08:00'))).toBe(true);
  expect(isDue([slot()], at('2026-01-16T17:59:59.999+08:00'))).toBe(true);
  expect(isDue([slot()], at('2026-01-16T18:00:00+08:00'))).toBe(false);
});

test('uses the weekday in the time zone of the slot', () => {
  const earlyOnMonday = slot({ days: [1], fromMinute: 0, toMinute: 60 });

  expect(isDue([earlyOnMonday], at('2026-01-18T16:30:00Z'))).toBe(true);
  expect(isDue([earlyOnMonday], at('2026-01-19T16:30:00Z'))).toBe(false);
});

test('continues a slot after midnight if its end is before its start', () => {
  const night = slot({ days: [5], fromMinute: 22 * 60, toMinute: 2 * 60 });

  expect(isDue([night], at('2026-01-16T23:00:00+08:00'))).toBe(true);
  expect(isDue([night], at('2026-01-17T01:59:59+08:00'))).toBe(true);
  expect(isDue([night], at('2026-01-17T02:00:00+08:00'))).toBe(false);
  expect(isDue([night], at('2026-01-16T01:00:00+08:00'))).toBe(false);
  expect(dueMs([night], at('2026-01-12T00:00:00+08:00'), at('2026-01-19T00:00:00+08:00'))).toBe(4 * hourMs);
});

test('ends a slot until 24:00 at midnight; equal start and end last a day', () => {
  const day = { from: at('2026-01-16T00:00:00+08:00'), to: at('2026-01-19T00:00:00+08:00') };

  expect(dueMs([slot({ days: [5], fromMinute: 0, toMinute: 1440 })], day.from, day.to)).toBe(dayMs);
  expect(dueMs([slot({ days: [5], fromMinute: 0, toMinute: 0 })], day.from, day.to)).toBe(dayMs);
  expect(dueMs([slot({ days: [5], fromMinute: 540, toMinute: 540 })], day.from, day.to)).toBe(dayMs);
});

test('counts overlapping slots once, also with different time zones', () => {
  const shanghai = slot({ days: everyDay, fromMinute: 9 * 60, toMinute: 12 * 60 });
  const tokyo = slot({ days: everyDay, fromMinute: 12 * 60, toMinute: 14 * 60, timeZone: 'Asia/Tokyo' });

  const due = dueMs([tokyo, shanghai], at('2026-01-16T00:00:00+08:00'), at('2026-01-17T00:00:00+08:00'));

  // Tokyo's 12:00 to 14:00 is Shanghai's 11:00 to 13:00.
  expect(due).toBe(4 * hourMs);
});

test('is not due in an hour that daylight saving time skips, and is due twice in a repeated hour', () => {
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

test('handles a time zone whose offset changes by half an hour', () => {
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
/** Two thirds of the times are near a change of daylight saving time. */
const anyTime = fc.oneof(
  fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2036-01-01T00:00:00Z') }),
  fc.integer({ min: at('2026-03-28T00:00:00Z'), max: at('2026-03-31T00:00:00Z') }),
  fc.integer({ min: at('2026-10-24T00:00:00Z'), max: at('2026-10-27T00:00:00Z') }),
);

test('due time does not depend on how a time range is split', () => {
  fc.assert(
    fc.property(
      anySlots,
      anyTime,
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

test('the due times are apart, in order, and add up to the due time', () => {
  fc.assert(
    fc.property(anySlots, anyTime, fc.integer({ min: 0, max: 5 * dayMs }), (slots, from, length) => {
      const window = { from, to: from + length };
      const times = dueTimes(slots, window);

      expect(times.every((time, i) => i === 0 || time.from > (times[i - 1]?.to ?? 0))).toBe(true);
      expect(times.reduce((sum, time) => sum + time.to - time.from, 0)).toBe(
        dueMs(slots, window.from, window.to),
      );
    }),
    { numRuns: 300 },
  );
  expect([true, false].map((each) => dueTimes(each, { from: 1, to: 3 }))).toEqual([[{ from: 1, to: 3 }], []]);
});

test('due time equals the number of minutes whose local time is within a slot', () => {
  fc.assert(
    fc.property(anySlots, anyTime, fc.integer({ min: 1, max: 180 }), (slots, start, minutes) => {
      const from = Math.floor(start / minuteMs) * minuteMs;
      const dueMinutes = Array.from({ length: minutes }, (_, i) => from + i * minuteMs).filter((moment) =>
        slots.some((each) => isWithin(each, moment)),
      );

      expect(dueMs(slots, from, from + minutes * minuteMs)).toBe(dueMinutes.length * minuteMs);
    }),
    { numRuns: 100 },
  );
});

/** Reports whether a slot contains the time. Parses Intl's text, so that it shares no arithmetic with the code. */
function isWithin({ days, fromMinute, toMinute, timeZone }: ScheduleSlot, moment: number): boolean {
  const text = new Date(moment).toLocaleDateString('en-GB', { timeZone, weekday: 'short' });
  const clock = new Date(moment).toLocaleTimeString('en-GB', { timeZone });
  const today = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(text.slice(0, 3));
  const minute = Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
  const endsNextDay = toMinute <= fromMinute;
  const endOfToday = endsNextDay ? 1440 : toMinute;
  if (days.includes(today) && minute >= fromMinute && minute < endOfToday) return true;
  return endsNextDay && days.includes((today + 6) % 7) && minute < toMinute;
}

test('finds the start of the uninterrupted time in which a stream is due', () => {
  const now = at('2026-01-16T12:00:00+08:00');
  const morning = slot({ fromMinute: 0, toMinute: 600 });

  expect([true, false, []].map((schedule) => dueSince(schedule, now))).toEqual([
    Number.NEGATIVE_INFINITY,
    undefined,
    undefined,
  ]);
  expect(dueSince([slot()], now)).toBe(at('2026-01-16T09:00:00+08:00'));
  expect(dueSince([slot()], at('2026-01-16T08:59:59+08:00'))).toBe(undefined);
  expect(dueSince([slot(), morning], now)).toBe(at('2026-01-16T00:00:00+08:00'));
  expect(dueSince([slot({ fromMinute: 0, toMinute: 540 })], now)).toBe(undefined);
});

test('reports a stream that is due all week as due since ever', () => {
  const always = slot({ days: everyDay, fromMinute: 0, toMinute: 1440 });

  expect(dueSince([always], at('2026-01-16T12:00:00+08:00'))).toBe(Number.NEGATIVE_INFINITY);
});
