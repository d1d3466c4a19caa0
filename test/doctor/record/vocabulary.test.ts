import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isCommonName, isKnownWord } from '../../../src/doctor/record/vocabulary.ts';
import { capabilities, lookups } from '../../../src/model/capabilities.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');

test.each([...capabilities, ...lookups])('knows the words of $operation', ({ operation }) => {
  const words = [operation, `${operation}Response`].filter((word) => !isKnownWord(word));

  expect(words).toEqual([]);
});

test.each(['alibaba', 'tencent'])('knows the field names in the fixtures of %s', (provider) => {
  const directory = join(fixtures, provider);
  const texts = readdirSync(directory)
    .filter((name) => /\.(json|xml)$/.test(name))
    .map((name) => readFileSync(join(directory, name), 'utf8'));
  const names = texts.flatMap((text) => [
    ...[...text.matchAll(/"(\w+)"\s*:/g)].map(([, name = '']) => name),
    ...[...text.matchAll(/<\/?(\w+)/g)].map(([, name = '']) => name),
  ]);

  expect(new Set(names).size).toBeGreaterThan(15);
  expect([...new Set(names)].filter((name) => name.length > 1 && !isKnownWord(name))).toEqual([]);
});

test('does not know words that a customer can give to a stream', () => {
  for (const name of ['lobby', 'cam', 'cam1', 'room', 'acme', 'zhang', 'studio', 'main', 'news', 'x']) {
    expect(isKnownWord(name)).toBe(false);
  }
  expect(isCommonName('live_stream')).toBe(true);
  expect(isCommonName('live_lobby')).toBe(false);
});
