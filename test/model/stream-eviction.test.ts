import { expect, test } from 'vitest';
import { addAction, type ControlLedger } from '../../src/model/control-ledger.ts';
import { withoutInactive, withoutOldest } from '../../src/model/stream-eviction.ts';
import { controlAction } from '../support/actions.ts';
import { noon, streamId } from '../support/samples.ts';

/** Ledger of a stream with an action at each of these times. */
function ledgerOf(stream: string, ...times: readonly number[]): ControlLedger {
  const actions = times.reduce(
    (totals, actedAt, i) => addAction(totals, `action ${i}`, controlAction({ actedAt })),
    {},
  );
  return { stream: streamId({ stream }), actions };
}

const streams = new Map(
  [
    ledgerOf('a', noon - 5000, noon),
    ledgerOf('b', noon - 3000),
    ledgerOf('c', noon - 4000),
    ledgerOf('d', noon - 3000),
    ledgerOf('e', noon - 3000),
  ].map((ledger) => [ledger.stream.stream, ledger]),
);

test.each([
  [0, 'abcde'],
  [1, 'abde'],
  [2, 'ade'],
  [3, 'ae'],
  [4, 'a'],
  [5, ''],
  [6, ''],
])('removes the %d streams whose newest actions are the oldest', (count, remaining) => {
  const result = withoutOldest(streams, count);

  expect([...result.streams.keys()].join('')).toBe(remaining);
  expect(result.removed.map(({ streamKey }) => streamKey).toSorted()).toEqual(
    [...streams.keys()].filter((key) => !remaining.includes(key)),
  );
});

test('returns the time of the newest action of each removed stream', () => {
  expect(withoutOldest(streams, 1).removed).toEqual([{ streamKey: 'c', lastAt: noon - 4000 }]);
});

test('removes no stream that is kept', () => {
  const result = withoutOldest(streams, 2, new Set(['c', 'd']));

  expect([...result.streams.keys()].join('')).toBe('acd');
});

test('removes nothing from no streams', () => {
  expect(withoutOldest(new Map(), 3)).toEqual({ streams: new Map(), removed: [] });
});

test('removes an inactive stream that a list showed as forbidden until a recorded resume', () => {
  const days = 86_400_000;
  const { stream } = ledgerOf('resumed');
  const actions = addAction({}, 'resume', controlAction({ action: 'resume', actedAt: noon - 8 * days }));
  const ban = { isForbidden: true, since: noon - 9 * days, expiresAt: undefined };

  expect([...withoutInactive(new Map([['resumed', { stream, actions, ban }]]), noon)]).toEqual([]);
});

test('removes inactive streams, but not those that are forbidden', () => {
  const days = 86_400_000;
  const ban = { since: noon - 20 * days, expiresAt: undefined };
  const ledgers = new Map(
    [
      ledgerOf('old', noon - 8 * days),
      ledgerOf('new', noon - 6 * days),
      { ...ledgerOf('banned'), ban: { ...ban, isForbidden: true } },
      { ...ledgerOf('lifted'), ban: { ...ban, isForbidden: false } },
      { ...ledgerOf('lifted lately'), ban: { ...ban, isForbidden: false, since: noon - days } },
    ].map((ledger) => [ledger.stream.stream, ledger]),
  );

  const streams = withoutInactive(ledgers, noon);

  expect([...streams.keys()]).toEqual(['new', 'banned', 'lifted lately']);
});
