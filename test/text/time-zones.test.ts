import { expect, test } from 'vitest';
import {
  fixedOffsetError,
  isTimeZone,
  parseFixedOffset,
  timeZoneError,
  timeZonePattern,
} from '../../src/text/time-zones.ts';

const hours = (count: number) => count * 3_600_000;

test.each([
  'Asia/Shanghai',
  'asia/shanghai',
  'Europe/Berlin',
  'America/Argentina/Buenos_Aires',
  'America/Port-au-Prince',
  'US/Central',
  'Etc/UTC',
  'UTC',
  '+08:00',
  '-12:00',
  '+14:00',
  '+05:45',
])('accepts %s', (name) => {
  expect(isTimeZone(name)).toBe(true);
  expect(() => new Intl.DateTimeFormat('en-US', { timeZone: name })).not.toThrow();
});

test.each([
  '',
  'Mars/Olympus',
  'Asia/Shanghai ',
  'posix/Asia/Shanghai',
  'SystemV/CST6',
  '+8',
  '+8:00',
  '+0800',
  '08:00',
  '+14:15',
  '-12:30',
  '+08:60',
  'Z',
  'utc',
])('rejects %j', (name) => {
  expect(isTimeZone(name)).toBe(false);
});

test('rejects every name that Node knows without a region, because its meaning can differ', () => {
  const words =
    'CST CTT PRC EST MST HST PST JST IST BST ACT AET AST ART CAT CNT EAT ECT NET NST PLT SST VST GMT'.split(
      ' ',
    );
  const others = [
    'EST5EDT',
    'CST6CDT',
    'CET',
    'W-SU',
    'Japan',
    'Singapore',
    'Zulu',
    'GMT0',
    'Etc/GMT+8',
    'Etc/GMT-8',
  ];
  for (const name of [...words, ...others]) {
    expect(() => new Intl.DateTimeFormat('en-US', { timeZone: name }), name).not.toThrow();
    expect([name, isTimeZone(name), parseFixedOffset(name)]).toEqual([name, false, undefined]);
  }
});

test('accepts every canonical name that Node knows', () => {
  const names = Intl.supportedValuesOf('timeZone');

  expect(names.filter((name) => !isTimeZone(name))).toEqual([]);
});

test.each([
  ['CST', '"Asia/Shanghai" or "America/Chicago" instead, because the name has several meanings'],
  ['cst', '"Asia/Shanghai" or "America/Chicago" instead, because the name has several meanings'],
  ['PRC', '"Asia/Shanghai" instead'],
  ['China Standard Time', '"Asia/Shanghai" instead'],
  ['Asia/Beijing', '"Asia/Shanghai" instead'],
  ['EST', '"America/New_York" instead'],
  ['utc', '"UTC" instead'],
  ['Z', '"UTC" instead'],
  ['UTC+8', '"+08:00" instead'],
  ['GMT+0800', '"+08:00" instead'],
  ['gmt-3:30', '"-03:30" instead'],
  ['+8', '"+08:00" instead'],
  ['+8:00', '"+08:00" instead'],
  // POSIX inverts the sign.
  ['Etc/GMT+8', '"-08:00" instead'],
  ['Etc/GMT-8', '"+08:00" instead'],
])('suggests for %j: use %s', (name, suggestion) => {
  expect(timeZoneError(name)).toBe(
    `expected a time zone, such as "Asia/Shanghai", "UTC" or "+08:00"; use ${suggestion}`,
  );
});

test('suggests the closest match for a misspelled name, and nothing for other text', () => {
  expect(timeZoneError('Asia/Shanghia')).toBe(
    'expected a time zone, such as "Asia/Shanghai", "UTC" or "+08:00"; did you mean "Asia/Shanghai"?',
  );
  for (const text of ['hunter2', 'UTC+15', '']) {
    expect(timeZoneError(text)).toBe('expected a time zone, such as "Asia/Shanghai", "UTC" or "+08:00"');
  }
});

test('suggests only names that are accepted', () => {
  const texts = [
    'CST',
    'PRC',
    'GMT',
    'HKT',
    'SGT',
    'JST',
    'KST',
    'IST',
    'BST',
    'AST',
    'EST',
    'MST',
    'PST',
    'CET',
  ];
  const names = texts.flatMap(
    (text) =>
      timeZoneError(text)
        .split('use ')[1]
        ?.match(/(?<=")[^" ]+(?=")/g) ?? [],
  );

  expect(names.length).toBeGreaterThanOrEqual(texts.length);
  expect(names.filter((name) => !isTimeZone(name))).toEqual([]);
});

test.each<[string, number | undefined]>([
  ['+08:00', hours(8)],
  ['-03:30', hours(-3.5)],
  ['+00:00', 0],
  ['-00:00', 0],
  ['+14:00', hours(14)],
  ['-12:00', hours(-12)],
  ['UTC', 0],
  ['Asia/Shanghai', hours(8)],
  ['Asia/Kolkata', hours(5.5)],
  ['America/Phoenix', hours(-7)],
  ['Europe/Berlin', undefined],
  ['America/New_York', undefined],
  ['Australia/Lord_Howe', undefined],
  ['Africa/Casablanca', undefined],
  ['CST', undefined],
  ['+15:00', undefined],
  ['+14:30', undefined],
  ['-12:30', undefined],
  ['08:00', undefined],
  ['+0800', undefined],
])('parses the offset of %s, without daylight saving time, as %j', (text, offsetMs) => {
  expect(parseFixedOffset(text)).toBe(offsetMs);
});

test('says why a zone with daylight saving time is rejected', () => {
  expect(fixedOffsetError('Europe/Berlin')).toBe(
    'expected a time zone without daylight saving time, such as "Asia/Shanghai", "UTC" or "+08:00"',
  );
  expect(fixedOffsetError('CST')).toBe(timeZoneError('CST'));
});

test('has a pattern for editors that contains all accepted forms', () => {
  expect(['UTC', '+08:00', 'Asia/Shanghai', 'CST'].map((text) => timeZonePattern.test(text))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
