import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type HeldAction,
  heldActionKey,
  parseHeldActionKey,
} from '../../../src/metrics/control/zero-held-action.ts';

const birth: fc.Arbitrary<HeldAction> = fc.record({
  targetKey: fc.string(),
  streamKey: fc.option(fc.string(), { nil: undefined }),
  action: fc.string(),
});

test('a key is read back as the birth that it was made of, whatever the names', () => {
  fc.assert(
    fc.property(birth, (birth) => {
      expect(parseHeldActionKey(heldActionKey(birth))).toEqual(birth);
    }),
  );
});

test("a domain's own birth is not that of a stream without a name", () => {
  const ofDomain = heldActionKey({ targetKey: 't', streamKey: undefined, action: 'forbid' });
  const ofStream = heldActionKey({ targetKey: 't', streamKey: '', action: 'forbid' });

  expect(ofDomain).not.toBe(ofStream);
});
