import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHeapSize } from '../../src/commands/heap-size.ts';

const mib = 1024 ** 2;

function setUp(maxBytes = 4096 * mib) {
  const flags: string[] = [];
  const heap = { setFlag: (flag: string) => flags.push(flag), youngMib: 1, maxBytes };
  const { adjust, setTargets } = createHeapSize({ ...heap, youngBytes: () => heap.youngMib * mib });
  return {
    flags,
    setTargets,
    /** Changes the size of the young generation, as a garbage collection does. */
    collect(youngMib: number): void {
      heap.youngMib = youngMib;
      adjust();
    },
  };
}

test('stops the growth of the young generation at a few MiB without targets', () => {
  const { flags, setTargets, collect } = setUp();
  setTargets(0);
  collect(2);
  collect(4);
  collect(4);
  collect(1);

  expect(flags).toEqual([
    '--semi-space-growth-factor=2',
    '--heap-growing-percent=30',
    '--semi-space-growth-factor=1',
    '--semi-space-growth-factor=2',
  ]);
});

test.each([
  [200, 4],
  [500, 4],
  [1_000, 8],
  [5_000, 32],
  [16_000, 128],
  [Number.POSITIVE_INFINITY, 128],
])('lets the young generation of %d targets grow to %d MiB', (targets, expected) => {
  const { flags, setTargets, collect } = setUp();
  setTargets(targets);
  let size = 1;
  while (size < 128 && flags.findLast((flag) => flag.includes('semi')) === '--semi-space-growth-factor=2') {
    size *= 2;
    collect(size);
  }

  expect(size).toBe(expected);
});

test('permits further growth when a reload adds targets', () => {
  const { flags, setTargets, collect } = setUp();
  setTargets(200);
  collect(4);
  setTargets(50_000);

  expect(flags.slice(-2)).toEqual(['--semi-space-growth-factor=2', '--heap-growing-percent=100']);
});

test('leaves the growth of many targets to V8 if the heap limit is small', () => {
  const { flags, setTargets } = setUp(512 * mib);
  setTargets(50_000);

  expect(flags).toEqual(['--semi-space-growth-factor=2']);
});

test('has an effect in this version of V8', { timeout: 60_000 }, () => {
  const load = (targets: string) =>
    Number(execFileSync(process.execPath, [join(import.meta.dirname, 'heap-load.ts'), targets]));

  expect(load('200')).toBeLessThanOrEqual(32);
  expect(load('Infinity')).toBeGreaterThan(32);
});
