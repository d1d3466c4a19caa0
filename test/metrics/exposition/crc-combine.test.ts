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
  const megabyte = Buffer.alloc(1_000_000, 'x');
  const afterMegabytes = (count: number, start: number) => {
    let crc = start;
    for (let i = 0; i < count; i++) crc = crc32(megabyte, crc);
    return crc;
  };
  const half = afterMegabytes(300, 0);

  expect(combineCrcs(half, half, 300_000_000)).toBe(afterMegabytes(300, half));
});
