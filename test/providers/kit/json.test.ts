import { expect, test } from 'vitest';
import * as z from 'zod';
import { readEnvelope, readJson } from '../../../src/providers/kit/json.ts';

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

test('rejects an envelope that does not match the schema, with the path and without the value', () => {
  const schema = z.object({ page: z.object({ rows: z.array(z.unknown()) }) });

  expect(readEnvelope(schema, { page: { rows: [1] }, more: 1 }, 'x List')).toEqual({ page: { rows: [1] } });
  expect(() => readEnvelope(schema, { page: { rows: 's3cret' } }, 'x List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: 'x List: unexpected response shape at page.rows',
    }),
  );
  expect(() => readEnvelope(schema, null, 'x List')).toThrow(
    'x List: unexpected response shape at the top level',
  );
});
