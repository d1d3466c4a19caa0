import { afterEach, expect, test, vi } from 'vitest';
import { clockSkewMs, parseHttpDate, readAgeMs } from '../../src/model/http-time.ts';

/** Examples of RFC 9110, section 5.6.7: the three forms of one time. */
const forms = [
  'Sun, 06 Nov 1994 08:49:37 GMT',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
] as const;
const example = Date.UTC(1994, 10, 6, 8, 49, 37);
const now = Date.UTC(2026, 2, 1, 12);

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each(['UTC', 'Asia/Shanghai', 'America/New_York'])(
  'parses the three forms of an HTTP date as UTC in the time zone %s',
  (zone) => {
    vi.stubEnv('TZ', zone);
    expect(new Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(zone);

    expect(forms.map((form) => parseHttpDate(form, now))).toEqual([example, example, example]);
  },
);

test('parses an asctime date with a day of two digits', () => {
  expect(parseHttpDate('Sun Mar 01 12:00:00 2026', now)).toBe(now);
  expect(parseHttpDate('Wed Mar 11 12:00:00 2026', now)).toBe(Date.UTC(2026, 2, 11, 12));
});

test.each([
  ['Sunday, 01-Mar-26 12:00:00 GMT', now],
  ['Sunday, 01-Mar-76 12:00:00 GMT', Date.UTC(2076, 2, 1, 12)],
  ['Tuesday, 01-Mar-77 12:00:00 GMT', Date.UTC(1977, 2, 1, 12)],
  ['Monday, 01-Mar-99 12:00:00 GMT', Date.UTC(1999, 2, 1, 12)],
])('reads the two-digit year of %s as at most 50 years after now', (text, at) => {
  expect(parseHttpDate(text, now)).toBe(at);
});

test.each([
  undefined,
  '',
  'today',
  'Invalid Date',
  '-5',
  '1772366400',
  '2026-03-01T12:00:00Z',
  '2026-03-01 12:00:00',
  'Sun, 01 Mar 2026 12:00:00',
  'Sun, 01 Mar 2026 12:00:00 gmt',
  'Sun, 01 Mar 2026 12:00:00 UTC',
  'Sun, 01 Mar 2026 12:00:00 +0000',
  'sun, 01 mar 2026 12:00:00 GMT',
  'Sun, 1 Mar 2026 12:00:00 GMT',
  'Sun, 01 Mar 2026 24:00:00 GMT',
  'Mon, 30 Feb 2026 12:00:00 GMT',
  'Mon, 02 Mar 2026 12:00:00 GMT (late)',
  'Sun, 01-Mar-26 12:00:00 GMT',
  'Sumday, 01-Mar-26 12:00:00 GMT',
  'Sunday, 01-Mar-26 12:00:00',
  'Sun Mar 1 12:00:00 2026',
  'Sun Mar  1 12:00:00 2026 GMT',
  'Mon Feb 30 12:00:00 2026',
])('rejects %j as an HTTP date', (text) => {
  expect(parseHttpDate(text, now)).toBeUndefined();
});

test.each([
  ['0', 0],
  ['90', 90_000],
  [' 90 , 5', 90_000],
  ['', 0],
  ['-5', 0],
  ['1.5', 0],
  ['90s', 0],
  [undefined, 0],
])('reads an Age of %j as %i ms', (age, ms) => {
  expect(readAgeMs(age === undefined ? {} : { age })).toBe(ms);
});

test.each([
  ['12:00:00', undefined, 0],
  ['11:59:00', undefined, 60_000],
  ['12:01:30', undefined, -85_000],
  // The cache kept the `Date` of the stored response.
  ['11:55:00', '300', 0],
  ['11:55:00', '240', 60_000],
  // The cache sent its own time as `Date`.
  ['12:00:00', '300', 0],
  ['12:01:30', '300', -85_000],
])('measures the clock skew from a Date of %s with the Age %s', (time, age, skewMs) => {
  const headers = { date: `Sun, 01 Mar 2026 ${time} GMT`, ...(age !== undefined && { age }) };

  expect(clockSkewMs(headers, now, now + 5_000)).toBe(skewMs);
});

test('measures no clock skew without a readable Date', () => {
  expect(clockSkewMs({ age: '5' }, now, now)).toBeUndefined();
  expect(clockSkewMs({ date: 'today' }, now, now)).toBeUndefined();
});
