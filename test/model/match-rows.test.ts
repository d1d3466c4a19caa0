import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { controlActions } from '../../src/model/control-action.ts';
import type { RowKind } from '../../src/model/duplicates.ts';
import { mergeNewRows } from '../../src/model/match-rows.ts';
import { type PushSample, pushSamples } from '../../src/model/push-sample.ts';
import { controlAction } from '../support/actions.ts';
import { noon, pushSample } from '../support/samples.ts';

const clientIp = '192.0.2.10';
const serverIp = '198.51.100.1';
const unknown = { clientIp: undefined, serverIp: undefined };

describe('samples, which are a set', () => {
  test.each([
    ['client_ip', { clientIp: undefined }],
    ['server_ip', { serverIp: undefined }],
    ['session', { session: undefined }],
    ['every address', unknown],
  ])('count once if %s is unknown first and known later, or vice versa', (_, missing) => {
    const complete = pushSample({ session: 's' });
    const incomplete = { ...complete, ...missing };

    const answers = [[incomplete], [complete], [incomplete], [complete]];
    for (const order of [answers, answers.toReversed()]) {
      const { seen, added, changed, duplicate } = mergeAll(pushSamples, order);

      expect([added.length, changed, duplicate]).toEqual([1, 0, 0]);
      expect(seen).toEqual([complete]);
    }
  });

  test('match the most similar row first if two rows hide different fields', () => {
    const named = pushSample({ framesPerSecond: 25 });
    const unnamed = pushSample({ clientIp: undefined, framesPerSecond: 12 });

    const { added, changed } = mergeAll(pushSamples, [[{ ...named, serverIp: undefined }], [unnamed, named]]);

    expect(added).toEqual([{ ...named, serverIp: undefined }, unnamed]);
    expect(changed).toBe(0);
  });

  test('collect the fields of several incomplete rows', () => {
    const { seen, added } = mergeAll(pushSamples, [
      [pushSample({ ...unknown, clientIp })],
      [pushSample({ ...unknown, serverIp })],
      [pushSample(unknown)],
    ]);

    expect(added).toHaveLength(1);
    expect(seen).toEqual([pushSample({ clientIp, serverIp })]);
  });

  test('keep the stored array if an incomplete row repeats a complete row', () => {
    const seen = [pushSample()];

    expect(mergeNewRows(pushSamples, seen, [pushSample({ serverIp: undefined })]).merged).toBe(seen);
  });

  test('count twice if one answer contains both rows', () => {
    const rows = [pushSample({ clientIp: undefined }), pushSample()];

    const first = mergeAll(pushSamples, [rows]);
    const later = mergeAll(pushSamples, [rows.slice(0, 1), rows, rows]);

    expect([first.added.length, later.added.length]).toEqual([2, 2]);
    expect(later.seen).toEqual(rows);
  });

  test('do not match if a known field differs, or in another second or stream', () => {
    const { added } = mergeAll(pushSamples, [
      [pushSample({ serverIp: undefined })],
      [pushSample({ clientIp: '192.0.2.11' })],
      [pushSample({ measuredAt: noon + 1000 })],
      [pushSample({ stream: 'sport' })],
    ]);

    expect(added).toHaveLength(4);
  });

  test('match the row with an equal client address before one with an equal ingest node', () => {
    const unnamed = pushSample({ clientIp: undefined, framesPerSecond: 25 });
    const named = pushSample({ serverIp: undefined, framesPerSecond: undefined });
    const { merged: known } = mergeNewRows(pushSamples, [], [unnamed, named]);

    const { merged, added, changed } = mergeNewRows(pushSamples, known, [
      pushSample({ framesPerSecond: 29.97 }),
      { ...unnamed, serverIp: undefined },
    ]);

    expect([added, changed]).toEqual([[], 0]);
    expect(merged.map(({ clientIp, framesPerSecond }) => [clientIp, framesPerSecond])).toEqual([
      [undefined, 25],
      ['192.0.2.10', 29.97],
    ]);
  });

  test('match the row with equal values if several match', () => {
    const slow = pushSample({ serverIp: '198.51.100.2', framesPerSecond: 10 });
    const known = [pushSample({ serverIp: undefined })];

    const { merged, added, changed } = mergeNewRows(pushSamples, known, [slow, pushSample()]);

    expect(merged).toEqual([pushSample(), slow]);
    expect([added, changed]).toEqual([[slow], 0]);
  });

  test('count as changed if the completing row has other values, and store the new values', () => {
    const { seen, changed } = mergeAll(pushSamples, [
      [pushSample({ serverIp: undefined, framesPerSecond: 25 })],
      [pushSample({ framesPerSecond: 24 })],
      [pushSample({ clientIp: undefined, framesPerSecond: 23 })],
    ]);

    expect(changed).toBe(2);
    expect(seen).toEqual([pushSample({ framesPerSecond: 23 })]);
  });

  test('count repetitions within one answer as duplicates, also if they complete a row', () => {
    const { seen, added, duplicate } = mergeAll(pushSamples, [
      [pushSample({ serverIp: undefined }), pushSample({ serverIp: undefined })],
      [pushSample(), pushSample(), pushSample({ clientIp: '192.0.2.11' })],
    ]);

    expect([added.length, duplicate]).toEqual([2, 2]);
    expect(seen).toEqual([pushSample(), pushSample({ clientIp: '192.0.2.11' })]);
  });

  test('move a match so that another row finds one', () => {
    const [first, second] = ['198.51.100.1', '198.51.100.2'];
    const hidden = pushSample({ serverIp: undefined });

    const { added } = mergeAll(pushSamples, [
      [hidden],
      [hidden, pushSample({ serverIp: first })],
      [hidden, pushSample({ serverIp: second })],
    ]);

    expect(added).toHaveLength(2);
  });

  test('only match equal rows in a very large group, so that matching takes no time', () => {
    const rows = Array.from({ length: 50 }, (_, i) => pushSample({ clientIp: `192.0.2.${100 + i}` }));
    const incomplete = rows.map((row) => ({ ...row, serverIp: undefined }));

    expect(mergeNewRows(pushSamples, rows, incomplete).added).toHaveLength(50);
    expect(mergeNewRows(pushSamples, rows.slice(0, 20), incomplete.slice(0, 20)).added).toEqual([]);
  });
});

describe('actions, which are a multiset', () => {
  test.each([
    ['the application', { appName: '' }],
    ['the address', { clientIp: undefined }],
  ])('count once if %s is unknown first and known later, or vice versa', (_, missing) => {
    const complete = controlAction({ appName: 'live', clientIp });
    const incomplete = { ...complete, ...missing };

    for (const order of [
      [[incomplete], [complete], [incomplete]],
      [[complete], [incomplete], [complete]],
    ]) {
      const { seen, added } = mergeAll(controlActions, order);

      expect(added).toHaveLength(1);
      expect(seen).toEqual([complete]);
    }
  });

  test('count n - m new rows if m of n rows in one answer match known rows', () => {
    const bare = controlAction({ appName: '' });
    const full = controlAction({ appName: 'live' });

    const { seen, added } = mergeAll(controlActions, [
      [bare, bare],
      [full, full, full],
      [bare, full, bare],
    ]);

    expect(added).toEqual([bare, bare, full]);
    expect(seen).toEqual([full, full, full]);
  });

  test('do not match a known row twice in one answer', () => {
    const { added } = mergeAll(controlActions, [
      [controlAction({ appName: '' })],
      [controlAction({ appName: 'live' }), controlAction({ appName: 'vod' })],
    ]);

    expect(added).toHaveLength(2);
  });
});

/** Different samples of one time, of which each answer can hide the same field. */
const samples = fc.uniqueArray(
  fc.record({ clientIp: fc.constantFrom('c1', 'c2', 'c3'), serverIp: fc.constantFrom('s1', 's2') }),
  { selector: ({ clientIp, serverIp }) => `${clientIp} ${serverIp}`, maxLength: 6 },
);

test.each(['clientIp', 'serverIp'] as const)(
  'the number of new rows is the true number however often answers hide %s',
  (field) => {
    const hidden = fc.array(fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), { maxLength: 6 });
    fc.assert(
      fc.property(samples, hidden, fc.integer(), (truth, answers, seed) => {
        const complete = truth.map((part) => pushSample(part));
        const told = answers.map((hides) =>
          shuffled(
            complete.map((row, i) => (hides[i] ? { ...row, [field]: undefined } : row)),
            seed,
          ),
        );

        const { seen, added } = mergeAll(pushSamples, [...told, shuffled(complete, seed)]);

        expect(added).toHaveLength(truth.length);
        expect(seen).toEqual(complete.toSorted(pushSamples.compare));
      }),
    );
  },
);

test('the result does not depend on the order of the rows in an answer', () => {
  const row = fc.record({
    clientIp: fc.constantFrom('c1', 'c2', undefined),
    serverIp: fc.constantFrom('s1', 's2', undefined),
    session: fc.constantFrom('a', undefined),
  });
  const answer = fc.uniqueArray(row, { selector: (part) => JSON.stringify(part), maxLength: 6 });
  fc.assert(
    fc.property(answer, answer, fc.integer(), (known, received, seed) => {
      const { merged: seen } = mergeNewRows(pushSamples, [], known.map(pushSample));
      const rows: PushSample[] = received.map(pushSample);

      const result = mergeNewRows(pushSamples, seen, [...rows]);

      expect(mergeNewRows(pushSamples, seen, shuffled(rows, seed))).toEqual(result);
      expect(result.merged).toEqual(result.merged.toSorted(pushSamples.compare));
      expect(result.merged).toHaveLength(seen.length + result.added.length);
    }),
  );
});

/** Merges the answers one after the other. */
function mergeAll<T>(kind: RowKind<T>, answers: readonly (readonly T[])[]) {
  let seen: readonly T[] = [];
  const added: T[] = [];
  let changed = 0;
  let duplicate = 0;
  for (const rows of answers) {
    const result = mergeNewRows(kind, seen, [...rows]);
    seen = result.merged;
    added.push(...result.added);
    changed += result.changed;
    duplicate += result.duplicate;
  }
  return { seen, added, changed, duplicate };
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  return items
    .map((item, i) => ({ item, rank: Math.sin(seed + i * 7919) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
