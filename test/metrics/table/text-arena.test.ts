import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunkOf, createTextArena, offsetOf, type TextSlot } from '../../../src/metrics/table/text-arena.ts';

type Arena = ReturnType<typeof createTextArena>;

function textAt({ chunks }: Arena, slot: TextSlot, bytes: number): string {
  const offset = offsetOf(slot);
  return chunks[chunkOf(slot)]?.toString('latin1', offset, offset + bytes) ?? '';
}

function bytesOf({ chunks }: Arena): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

test('keeps each text, whatever texts are added and removed', () => {
  const length = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(32_768, 65_536, 65_537, 200_000));
  const step = fc.record({ length, removed: fc.option(fc.nat()) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const arena = createTextArena();
      const texts: { readonly slot: TextSlot; readonly text: string }[] = [];
      for (const [i, { length, removed }] of steps.entries()) {
        const text = `${i}.`.repeat(length).slice(0, length);
        texts.push({ slot: arena.add(Buffer.from(text, 'latin1')), text });
        const [gone] = removed === null ? [] : texts.splice(removed % texts.length, 1);
        if (gone !== undefined) arena.remove(gone.slot);
      }

      for (const { slot, text } of texts) expect(textAt(arena, slot, text.length)).toBe(text);
    }),
  );
});

test('takes no more memory if texts of other lengths replace the removed ones', () => {
  const arena = createTextArena();
  const fill = (bytes: number) => Array.from({ length: 10_000 }, () => arena.add(Buffer.alloc(bytes, 'x')));
  for (const slot of fill(1000)) arena.remove(slot);
  for (const slot of fill(1000)) arena.remove(slot);
  const before = fill(1000);
  const peak = bytesOf(arena);
  for (const slot of before) arena.remove(slot);

  for (let bytes = 16; bytes <= 1000; bytes += 16) for (const slot of fill(bytes)) arena.remove(slot);

  expect(bytesOf(arena)).toBeLessThanOrEqual(peak);
  // A few empty chunks stay for reuse.
  expect(bytesOf(arena)).toBeLessThanOrEqual(2 ** 18);
});

test('returns the memory of a text that is longer than a chunk', () => {
  const arena = createTextArena();
  const kept = arena.add(Buffer.from('kept'));
  for (let i = 0; i < 10; i++) arena.remove(arena.add(Buffer.alloc(10_000_000)));

  expect(bytesOf(arena)).toBe(65_536);
  expect(textAt(arena, kept, 4)).toBe('kept');
});
