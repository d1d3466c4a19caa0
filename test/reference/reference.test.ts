import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { expect, test } from 'vitest';
import { parseInvocation, usage } from '../../src/commands/flags.ts';
import { chineseText, chineseType, sentencesIn, translated } from './chinese.ts';
import { documentedKeys, splitDescription } from './config-reference.ts';
import { flagsWithDefault, parseUsage } from './flag-reference.ts';
import { metricsOf, metricTables, splitHelp } from './metric-reference.ts';
import { generatedFiles } from './pages.ts';
import { keysOf, type Schema, typeText } from './schema-keys.ts';
import { words } from './words.ts';

test.each(generatedFiles().map(({ path, text }) => [relative('.', path), text]))(
  'the reference in %s is up to date (npm run reference)',
  (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text);
  },
);

test('each metric is in one table', () => {
  const names = metricTables.flatMap((table) => metricsOf(table).map(({ name }) => name));

  expect(names.length).toBeGreaterThan(60);
  expect(new Set(names).size).toBe(names.length);
});

test('splits a HELP text into meaning and presence', () => {
  const help =
    'Bit rate of the audio. The series exists only while livestream_push_up is 1. Whether a value is too small is unknown.';

  expect(splitHelp(help)).toEqual({
    meaning: 'Bit rate of the audio. Whether a value is too small is unknown.',
    presence: 'The series exists only while livestream_push_up is 1.',
  });
});

test('splits a description into meaning and default', () => {
  expect(splitDescription('URL of the API. Default: the URL of the site.')).toEqual({
    meaning: 'URL of the API.',
    otherwise: 'Default: the URL of the site.',
  });
});

test('finds the keys in lists, alternatives and mappings', () => {
  const leaf: Schema = { type: 'string' };
  const schema: Schema = {
    type: 'object',
    required: ['a'],
    properties: {
      a: { type: 'array', items: { type: 'object', properties: { b: leaf } } },
      c: { anyOf: [{ type: 'boolean' }, { type: 'object', properties: { d: leaf } }] },
      e: { type: 'object', additionalProperties: { type: 'object', properties: { f: leaf } } },
    },
  };

  expect(keysOf(schema).map(({ path, isRequired }) => [path, isRequired])).toEqual([
    ['a', true],
    ['a[].b', false],
    ['c', false],
    ['c.d', false],
    ['e', false],
    ['e.NAME.f', false],
  ]);
});

test.each<[Schema, string]>([
  [{ type: 'integer', minimum: 1, maximum: 9 }, 'integer from 1 to 9'],
  [{ type: 'integer', exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER }, 'integer above 0'],
  [{ type: 'number', exclusiveMinimum: 0, maximum: 1 }, 'number above 0, at most 1'],
  [{ type: 'string', minLength: 1, maxLength: 255 }, 'text of 1 to 255 characters'],
  [{ type: 'string', $comment: 'duration from 1s to 1h' }, 'duration from 1s to 1h'],
  [{ enum: ['a', 'b', 'c'] }, '`a`, `b` or `c`'],
  [{ anyOf: [{ const: '' }, { $comment: 'path of a file', type: 'string' }] }, '`""` or path of a file'],
  [
    { type: 'array', minItems: 1, items: { type: 'boolean' } },
    'list, not empty; each item: `true` or `false`',
  ],
])('says the type of %j in words', (schema, text) => {
  expect(typeText(schema, words.en.types)).toBe(text);
});

test('reads every flag of the usage text', () => {
  const flags = parseUsage(usage).flatMap((command) => command.flags.map(({ name }) => name));
  const named = usage.match(/^ {4}--[\w.-]+/gm)?.map((flag) => flag.trim().slice(2));

  expect(flags).toEqual(named);
  expect(flags.length).toBeGreaterThan(20);
});

test.each(flagsWithDefault())('the default of $command --$flag is $value', ({ command, flag, value }) => {
  const args = command
    .replace('FILE', 'a.yaml')
    .split(' ')
    .concat(command === 'simulate' ? '--scenario=a.yaml' : []);
  // The directory of serve is chosen later, because that of demo is temporary.
  const without = flag === 'storage.path' ? [...args, '--storage.path=data'] : args;

  expect(parseInvocation([...args, `--${flag}=${value}`])).toEqual(parseInvocation(without));
  expect(parseInvocation(args).command).toBe(args[0]);
});

test('rejects a usage text that it cannot read', () => {
  expect(() => parseUsage(usage.replace('  config file\n', '\n'))).toThrow('unreadable line');
});

test('every translation is used', () => {
  const texts = [
    ...documentedKeys().map(({ schema }) => schema.description ?? ''),
    ...metricTables.flatMap((table) => metricsOf(table).map(({ help }) => help)),
  ];
  const sentences = new Set(texts.flatMap(sentencesIn));
  const types = new Set<string>();
  JSON.stringify(documentedKeys(), (name, value) => {
    if (name === '$comment') types.add(value);
    return value;
  });

  expect(translated.sentences.filter((sentence) => !sentences.has(sentence))).toEqual([]);
  expect(translated.types.filter((type) => !types.has(type))).toEqual([]);
});

test('rejects a text without a translation', () => {
  expect(() => chineseText('URL of the API. Nobody has translated this.')).toThrow(
    'Nobody has translated this.',
  );
  expect(() => chineseType('unheard-of type')).toThrow('no translation');
});
