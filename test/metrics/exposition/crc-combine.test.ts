import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combineCrcs } from '../../../src/metrics/exposition/crc-combine.ts';

test('returns the checksum of joined texts', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 3000 }), (first, second) => {
      const joined = crc32(second, crc32(first));

      expect(combineCrcs(crc32(first), crc32(second), second.length)).toBe(joined);
    }),
  );
});

test('returns the checksum of a joined text of hundreds of megabytes', () => {
  const half = Buffer.alloc(300_000_000, 'x');

  expect(combineCrcs(crc32(half), crc32(half), half.length)).toBe(crc32(half, crc32(half)));
});
