import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';
import { parseJson } from '../../src/text/json.ts';
import { jsonSyntaxError } from '../../src/text/json-syntax.ts';

test('a JSON text in which nothing is wrong is taken as it is', () => {
  expect(parseJson('{"a": [1, -2.5e3, true, null, "\\u00e9\\\\\\"", {}]}')).toEqual({
    value: { a: [1, -2500, true, null, 'é\\"', {}] },
  });
});

test.each([
  ['no JSON', '{"a": 1,}'],
  ['nothing', ''],
  ['a key twice', '{"a": 1, "b": {"a": 1, "a": 1}}'],
  ['a key twice, written in two ways', '{"a": 1, "\\u0061" : 1}'],
  [
    'a key twice, after texts with quotes, colons and backslashes',
    '{"x": "\\":\\\\", "a": "\\\\", "a"\n: 1}',
  ],
  ['a control character', '{"a": "\\u0000"}'],
  ['a control character in a key', '{"a\u007f": 1}'],
  ['half a character', '["\\ud800"]'],
  ['a URL with a password', '["https://user:secret@example.com/"]'],
  ['a number beyond counting', '[9007199254740993]'],
  ['a number that is not finite', '[1e999]'],
  ['a key that could be mistaken for a prototype', '{"a": {"\\u005f_proto__": {}}}'],
  ['brackets within brackets', `${'['.repeat(51)}${']'.repeat(51)}`],
])('%s is left to YAML', (_, text) => {
  expect(parseJson(text)).toBeUndefined();
});

test.each([
  ['{"accounts": [],}', '1:17', 'a key in double quotes: no comma stands before a closing bracket'],
  [
    '{\n  "accounts": [1,]\n}',
    '2:18',
    'a value: texts stand in double quotes, and no comma before a closing bracket',
  ],
  ['{"accounts": [] // none\n}', '1:17', 'a comma, or the end of the mapping'],
  ["{'accounts': []}", '1:2', 'a key in double quotes, or the end of the mapping'],
  ['{"accounts": [hunter2]}', '1:15', 'a value, or the end of the list: texts stand in double quotes'],
  ['{"a": 01}', '1:7', 'a value: texts stand in double quotes, and no comma before a closing bracket'],
  ['{"a" 1}', '1:6', 'a colon after the key'],
  ['{"a": 1', '1:8', 'a comma, or the end of the mapping'],
  ['{"a": "1\n"}', '1:7', 'a value: texts stand in double quotes, and no comma before a closing bracket'],
  ['{}{}', '1:3', 'nothing more'],
  ['accounts: []', '1:1', 'a value: texts stand in double quotes, and no comma before a closing bracket'],
])('a file named .json has to be JSON: %s is not', (text, place, expected) => {
  const loaded = loadConfig(text, 'live.json');

  expect('problems' in loaded && toDiagnosticLines('live.json', loaded.problems)).toEqual([
    `live.json:${place}: no JSON, which a file named .json has to be: expected ${expected}`,
  ]);
});

test('what JSON.parse takes has no fault, what it refuses has one', () => {
  const bits = fc.constantFrom(
    ...'{}[]:,"\\ \n1-0.e',
    '"a"',
    '"a":',
    'true',
    'null',
    'nul',
    '\\u00e9',
    '1.5e-3',
  );
  const noise = fc.array(bits, { maxLength: 8 }).map((list) => list.join(''));
  fc.assert(
    fc.property(fc.oneof(noise, fc.json(), texts), (text) => {
      expect(jsonSyntaxError(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: 2000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('as many brackets within brackets as YAML allows are fine', () => {
  expect(parseJson(`${'['.repeat(50)}${']'.repeat(50)}`)).toBeDefined();
});

test('whatever is written as JSON, the quick way brings what YAML brings: the same Config, or the same problems', () => {
  let loaded = 0;
  fc.assert(
    fc.property(texts, (text) => {
      const quick = loadConfig(text, 'config.json');
      if ('config' in quick) loaded++;
      expect(quick).toEqual(loadConfig(text, 'config.yaml'));
    }),
    { numRuns: 300 },
  );

  expect(loaded).toBeGreaterThan(30);
});

/** A value as it is written: mappings as pairs, so that a key can be there twice. */
type Written = string | number | boolean | null | readonly Written[] | { readonly pairs: readonly Pair[] };
type Pair = readonly [key: string, value: Written];

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'https://a:b@c/',
    '30s',
    '": "',
    '\\',
    '\u2028',
    'x'.repeat(1100),
  ),
);
const stray: fc.Arbitrary<Written> = fc.oneof(
  hostile,
  fc.double(),
  fc.integer(),
  fc.constantFrom(null, true, [], { pairs: [] }, [[{ pairs: [] }]], 1e300),
);

/** Mostly `usual`; now and then anything. */
function mostly(usual: fc.Arbitrary<Written>): fc.Arbitrary<Written> {
  return fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: stray });
}

/** Some of these keys in any order, now and then another key, or one twice. */
function mapping(
  needed: Readonly<Record<string, fc.Arbitrary<Written>>>,
  optional: Readonly<Record<string, fc.Arbitrary<Written>>> = {},
): fc.Arbitrary<Written> {
  const pair = ([key, value]: readonly [string, fc.Arbitrary<Written>]) =>
    mostly(value).map((one): Pair => [key, one]);
  const some = Object.entries(optional).map((entry) => fc.option(pair(entry)));
  const key = fc.oneof(hostile, fc.constantFrom(...Object.keys({ ...needed, ...optional })));
  const odd = fc.oneof(
    { weight: 60, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.tuple(key, stray) },
  );
  return fc
    .tuple(fc.tuple(...Object.entries(needed).map(pair)), fc.tuple(...some), odd)
    .chain(([own, more, extra]) => {
      const pairs = [...own, ...more, extra].filter((one) => one !== null && one !== undefined);
      return fc.shuffledSubarray(pairs, { minLength: pairs.length }).map((shuffled) => ({ pairs: shuffled }));
    });
}

const text = (...choices: readonly string[]) => fc.constantFrom<Written[]>(...choices);
const streams = mapping(
  { account: text('main', 'other'), stream: fc.string({ minLength: 1, maxLength: 6 }) },
  {
    domain: text('push.example.com', ''),
    app_name: text('live', ''),
    expect: mapping(
      {},
      {
        fps: fc.double({ min: 1, max: 60, noNaN: true }),
        bitrate: text('2Mbit', '2500kbit'),
        fps_ratio: fc.constantFrom(0.5, 1, 1e-1),
        live: fc.oneof(
          fc.boolean(),
          mapping({ from: text('08:00'), to: text('24:00'), time_zone: text('Asia/Shanghai') }).map((one) => [
            one,
          ]),
        ),
      },
    ),
    labels: mapping(
      {},
      { channel: fc.string({ unit: 'grapheme', maxLength: 6 }), constructor: text('x'), a1: text('y') },
    ),
  },
);
const configs = mapping(
  {
    accounts: fc
      .tuple(
        ...['main', 'other'].map((name) =>
          mapping(
            {
              name: text(name),
              provider: text('tencent'),
              statcgi: mapping({ app_id: fc.integer({ min: 1, max: 2 ** 31 }), key_env: text('STAT_KEY') }),
            },
            {
              requests_per_second: mapping({}, { Get_LivePushStatHistory: fc.integer({ min: 1, max: 100 }) }),
            },
          ),
        ),
      )
      .map((list): Written => list),
    streams: fc.array(streams, { maxLength: 4 }).map((list): Written => list),
  },
  { limits: mapping({}, { max_streams: fc.integer({ min: 3, max: 9 }), state_retention: text('30d') }) },
);

/** With white space and escapes in any place where JSON allows them. */
const texts = fc
  .tuple(
    configs,
    fc.infiniteStream(fc.constantFrom('', '', '', ' ', '\n', '\r\n', '\n    ', '\t', '\n\t')),
    fc.infiniteStream(fc.nat(9)),
  )
  .map(([config, spaces, chances]) => {
    const next = <T>(stream: fc.Stream<T>): T => {
      for (const value of stream.take(1)) return value;
      throw new Error('the stream has no end');
    };
    const space = () => next(spaces);
    const quote = (plain: string) =>
      next(chances) > 0
        ? JSON.stringify(plain)
        : `"${[...Array(plain.length).keys()].map((i) => `\\u${plain.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
    const write = (value: Written): string => {
      if (typeof value === 'string') return quote(value);
      if (typeof value !== 'object' || value === null) return JSON.stringify(value);
      if ('pairs' in value) {
        const pairs = value.pairs.map(
          ([key, one]) => `${space()}${quote(key)}${space()}:${space()}${write(one)}${space()}`,
        );
        return `{${pairs.join(',')}}`;
      }
      return `[${value.map((one) => `${space()}${write(one)}${space()}`).join(',')}]`;
    };
    return `${write(config)}\n`;
  });
