import { expect, test } from 'vitest';
import { ProviderError } from '../../../src/model/answer.ts';
import { clockSkewSuffix, quote, rethrowWith } from '../../../src/providers/kit/message.ts';

test('quotes a text of the provider on one line, without invisible characters', () => {
  expect(quote(' a\r\nb\t\u0000c\u001b[31m d\u202e ', [])).toBe('a b c [31m d');
});

test('truncates a quoted text to 200 characters', () => {
  expect(quote('a'.repeat(200), [])).toBe('a'.repeat(200));
  expect(quote('a'.repeat(201), [])).toBe(`${'a'.repeat(199)}…`);
});

test('quotes a text of the provider as well-formed text', () => {
  expect(quote('a\ud83cb', [])).toBe('a\ufffdb');
  // The truncation splits a surrogate pair.
  expect(quote(`${'a'.repeat(198)}🎥🎥`, [])).toBe(`${'a'.repeat(198)}\ufffd…`);
});

test('replaces secrets in a quoted text, before it truncates the text', () => {
  expect(quote('bad sign s3cret, s3cret', ['s3cret', ''])).toBe('bad sign [secret], [secret]');
  expect(quote(`${'a'.repeat(196)}s3cret`, ['s3cret'])).toBe(`${'a'.repeat(196)}[se…`);
});

test('adds the operation to a transport error, and passes other errors through', async () => {
  const other = new Error('stopping');

  const rethrow = rethrowWith('x List');

  await expect(
    Promise.reject(new ProviderError('unavailable', 'ECONNRESET')).catch(rethrow),
  ).rejects.toMatchObject({ kind: 'unavailable', message: 'x List: ECONNRESET' });
  const tooLarge = new ProviderError('malformed', 'too large', { isTooLarge: true });
  await expect(Promise.reject(tooLarge).catch(rethrow)).rejects.toMatchObject({ isTooLarge: true });
  await expect(Promise.reject(other).catch(rethrow)).rejects.toBe(other);
});

test.each([
  [60_000, ", which is about 1 min ahead of the provider's clock"],
  [-300_000, ", which is about 5 min behind the provider's clock"],
  [29_000, ''],
  [Number.NaN, ''],
])('describes a clock skew of %d ms as "%s"', (skewMs, text) => {
  expect(clockSkewSuffix(skewMs)).toBe(text);
});
