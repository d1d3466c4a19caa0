import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';
import { parseJson } from '../../src/text/json.ts';

test('parses valid JSON', () => {
  expect(parseJson('{"a": [1, -2.5e3, true, null, "\\u00e9\\\\\\"", {}]}')).toEqual({
    value: { a: [1, -2500, true, null, 'é\\"', {}] },
  });
});

test.each([
  ['a syntax error', '{"a": 1,}', 9],
  ['an empty text', '', 1],
])('reports %s', (_, text, column) => {
  expect(parseJson(text)).toMatchObject({ problem: { line: 1, column } });
});

test.each([
  ['a duplicate key', '{"a": 1, "b": {"a": 1, "a": 1}}'],
  ['a duplicate key with an escape', '{"a": 1, "\\u0061" : 1}'],
  [
    'a duplicate key after strings with quotes, colons and backslashes',
    '{"x": "\\":\\\\", "a": "\\\\", "a"\n: 1}',
  ],
  ['a control character', '{"a": "\\u0000"}'],
  ['a control character in a key', '{"a\u007f": 1}'],
  ['half of a surrogate pair', '["\\ud800"]'],
  ['a URL with a password', '["https://user:secret@example.com/"]'],
  ['a number too large to be exact', '[9007199254740993]'],
  ['a number that is not finite', '[1e999]'],
  ['an escaped __proto__ key', '{"a": {"\\u005f_proto__": {}}}'],
  ['lists nested too deeply', `${'['.repeat(51)}${']'.repeat(51)}`],
])('leaves %s to the YAML parser', (_, text) => {
  expect(parseJson(text)).toBeUndefined();
});

test.each([
  [
    '{"accounts": [],}',
    '1:17',
    'expected a key in double quotes (a comma before a closing bracket is not allowed)',
  ],
  ['{\n  "accounts": [1,]\n}', '2:18', 'expected a value (a comma before a closing bracket is not allowed)'],
  ['{"accounts": [] // none\n}', '1:17', 'comments are not allowed'],
  ["{'accounts': []}", '1:2', 'expected a value; put text and keys in double quotes'],
  ['{"accounts": [hunter2]}', '1:15', 'expected a value; put text and keys in double quotes'],
  ['{"a": 01}', '1:8', 'expected a comma or a closing bracket'],
  ['{"a" 1}', '1:6', 'expected a colon after the key'],
  ['{"a": 1', '1:8', 'expected a comma or }'],
  ['{"a": "1\n"}', '1:7', 'missing closing double quote'],
  ['{}{}', '1:3', 'expected the end of the file'],
  ['accounts: []', '1:1', 'expected a value; put text and keys in double quotes'],
])('reports the syntax error of a .json file: %s', (text, place, expected) => {
  const loaded = loadConfig(text, 'live.json');

  expect('problems' in loaded && toDiagnosticLines('live.json', loaded.problems)).toEqual([
    `live.json:${place}: not JSON, but the file name ends in .json: ${expected}`,
  ]);
});

test.each(['', ' \n', 'null'])('reports that a .json file is empty: %j', (text) => {
  const loaded = loadConfig(text, 'live.json');

  expect('problems' in loaded && toDiagnosticLines('live.json', loaded.problems)).toEqual([
    'live.json:1:1: the file is empty',
  ]);
});

test('finds a syntax error if and only if JSON.parse rejects the text', () => {
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
      expect('problem' in (parseJson(text) ?? {})).toBe(!isJson(text));
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

test('accepts lists up to the maximum nesting depth', () => {
  expect(parseJson(`${'['.repeat(50)}${']'.repeat(50)}`)).toBeDefined();
});

test('returns the same Config or the same problems for JSON as the YAML parser', () => {
  let loaded = 0;
  fc.assert(
    fc.property(texts, (text) => {
      const fast = loadConfig(text, 'config.json');
      if ('config' in fast) loaded++;
      expect(fast).toEqual(loadConfig(text, 'config.yaml'));
    }),
    { numRuns: 300 },
  );

  expect(loaded).toBeGreaterThan(30);
});

/** A value with mappings as pairs, so that a key can be duplicated. */
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

/** Mostly `normal`, sometimes any value. */
function mostly(normal: fc.Arbitrary<Written>): fc.Arbitrary<Written> {
  return fc.oneof({ weight: 60, arbitrary: normal }, { weight: 1, arbitrary: stray });
}

/** All required and some optional keys in random order; sometimes an unknown or duplicate key. */
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

/** JSON texts with random white space and escapes. */
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
