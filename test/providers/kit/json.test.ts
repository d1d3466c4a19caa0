import { expect, test } from 'vitest';
import { readJson } from '../../../src/providers/kit/json.ts';

test('parses JSON after a byte order mark', () => {
  expect(readJson('\uFEFF{"ret":0}', 'x List')).toEqual({ ret: 0 });
});

const page = ': a web page, as from a captive portal or a proxy on the way';

test.each([
  ['', ''],
  ['<html>s3cret</html>', page],
  [' \n<!DOCTYPE html><title>s3cret</title>', page],
  ['<htm>s3cret', ''],
  ['{"sign":"s3cret"', ''],
])('rejects %j as malformed without quoting it', (text, suffix) => {
  expect(() => readJson(text, 'x List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: `x List: response is not JSON (${text.length} characters)${suffix}`,
    }),
  );
});
