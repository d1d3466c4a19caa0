import { expect, test } from 'vitest';
import { signStatcgi } from '../../../../src/providers/tencent/statcgi/sign-md5.ts';

// The examples of Tencent's documentation: page 454/7920 of 2016, and its later international copy.
test.each([
  [1_471_850_187, 'b17971b51ba0fe5916ddcd96692e9fb3'],
  [1_626_839_220, '5ee8ca6c28cbe415b40352969cdf8249'],
])('signs a request that expires at %d as documented', (t, sign) => {
  expect(signStatcgi('5d41402abc4b2a76b9719d911017c592', t)).toBe(sign);
});
