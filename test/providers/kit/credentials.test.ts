import { expect, test } from 'vitest';
import { requireSecret } from '../../../src/providers/kit/credentials.ts';

test('returns a configured secret, and throws without its value if it is missing', () => {
  const secrets = new Map([['key', 's3cret']]);

  expect(requireSecret((name) => secrets.get(name), 'key')).toBe('s3cret');
  expect(() => requireSecret((name) => secrets.get(name), 'token')).toThrow('secret token is missing');
});
