import type { Draws } from '../chaos/draws.ts';
import { plantedSecret } from './target.ts';

/** Texts that programs misread: keys of prototypes, edges of numbers and dates, unusual Unicode, syntax. */
export const oddTexts: readonly string[] = [
  '',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\u0000',
  '\u001b[2J\u001b[31m',
  '\u0085\u2028\u2029',
  '\u200b\ufeff',
  '\u202eabc\u2066',
  '\ud800',
  '\udfff\ud800',
  '😀'.repeat(70),
  'é'.repeat(300),
  'e\u0301',
  'ａｂｃ',
  '正在直播',
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'null',
  'undefined',
  'NaN',
  '-0',
  '1e999',
  '0x10',
  '1_000',
  '9007199254740993',
  '-1',
  '0',
  '1.5',
  '٣',
  'true',
  'yes',
  '~',
  '!!binary aGk=',
  '&a [*a]',
  '<<',
  '{}',
  '[]',
  '"',
  "'",
  '\\',
  '#{7*7}',
  '%s%n',
  '../../../../etc/passwd',
  '/dev/null',
  'C:\\x',
  'a'.repeat(256),
  'x'.repeat(5000),
  'a,b;c|d',
  '*',
  '**',
  '(a+)+$',
  '/(a+)+$/',
  'a{1,99999}',
  '1970-01-01T00:00:00Z',
  '0000-00-00 00:00:00',
  '2026-02-30 25:61:61',
  '9999-12-31T23:59:59.999Z',
  '+275760-09-13T00:00:00Z',
  '+275760-09-13T00:00:01Z',
  '-271821-04-20T00:00:00Z',
  '2026-03-01 12:00:00',
  '2026-03-01T12:00:00+24:00',
  '1772366400',
  '1772366400000',
  '99999999999999',
  '30s',
  '0s',
  '1000000h',
  '1d1h1m1s1ms',
  '1ms',
  '100%',
  '0%',
  '-5%',
  '1e9%',
  '2500kbit',
  '1Ebit',
  '192.0.2.1',
  '192.0.2.1:80',
  '::1',
  '[2001:db8::1%25eth0]',
  '999.0.0.1',
  'http://',
  'http://[::1',
  'https://user:p@h/',
  'https://example.com:99999/',
  'http://example.com/\u0000',
  'javascript:alert(1)',
  '<script>alert(1)</script>',
  '<!DOCTYPE x [<!ENTITY a "b">]>&a;',
  ']]>',
  '&#x110000;&#0;&lt;',
  `https://live.example.com/?AccessKeyId=${plantedSecret}&Signature=${plantedSecret}`,
  `rtmp://push.example.com/live/news?txSecret=${plantedSecret}&txTime=5f0`,
  'UTC',
  'Asia/Shanghai',
  'Europe/../UTC',
  'CST',
  '+08:00',
  'mon-fri',
  'sun-mon',
  '24:00',
];

/** Those of the texts that break most programs, with one that contains a secret. They are drawn more often. */
const worstTexts: readonly string[] = [
  '',
  'a\ud800',
  '\u202eabc\u2066',
  '\u001b[2Ja',
  'a\nb',
  'a"b\\c"',
  '__proto__',
  '<script>alert(1)</script>',
  'x'.repeat(5000),
  `failed?secret=${plantedSecret}`,
];

const oddNumbers: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.1,
  1e-320,
  5e-324,
  1e21,
  1.7976931348623157e308,
  255,
  256,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  8.64e15,
  8.64e15 + 1,
  -8.64e15,
  1_772_366_400,
  1_772_366_400_000,
  1_000_000,
  200_000,
];

export function oddText(draws: Draws): string {
  return draws.below(3) === 0 ? worstText(draws) : draws.pick(oddTexts);
}

export function worstText(draws: Draws): string {
  return draws.pick(worstTexts);
}

export function oddNumber(draws: Draws): number {
  const number = draws.pick(oddNumbers);
  return draws.below(4) === 0 ? number * draws.between(-2, 2) : number;
}

/** Returns a value of any type that JSON has, possibly nested deeply. */
export function oddValue(draws: Draws): unknown {
  switch (draws.below(9)) {
    case 0:
      return null;
    case 1:
      return draws.below(2) === 0;
    case 2:
    case 3:
      return oddNumber(draws);
    case 4:
    case 5:
      return oddText(draws);
    case 6:
      return draws.pick<unknown>([[], {}, [[]], [{}], [null], { '': null }, [1, '1', true]]);
    case 7:
      return nested(draws.pick([2, 10, 45, 60, 300]), draws.below(2) === 0);
    default:
      return Array.from({ length: draws.pick([1, 2, 17, 300]) }, () =>
        draws.pick<unknown>([0, 'a', null, {}, []]),
      );
  }
}

function nested(depth: number, isList: boolean): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = isList ? [value] : { a: value };
  return value;
}
