import { expect, test } from 'vitest';
import { readJson } from '../../../src/providers/kit/json.ts';

test('parses JSON after a byte order mark', () => {
  expect(readJson('\uFEFF{"ret":0}', 'x List')).toEqual({ ret: 0 });
});

test.each(['', '<html>s3cret</html>', '{"sign":"s3cret"'])(
  'rejects %j as malformed without quoting it',
  (text) => {
    expect(() => readJson(text, 'x List')).toThrow(
      expect.objectContaining({
        kind: 'malformed',
        message: `x List: response is not JSON (${text.length} characters)`,
      }),
    );
  },
);
