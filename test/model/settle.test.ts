import { expect, test } from 'vitest';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { settle } from '../../src/model/settle.ts';
import { alwaysLive, noon, publishersAt, pushSample, samplesBetween } from '../support/samples.ts';

const settling = { expectation: alwaysLive, periodMs: 5000, staleAfterMs: 30_000 };

test('counts five missing seconds for one lost sample of a due stream', () => {
  const samples = samplesBetween(noon, noon + 60_000).filter(
    ({ measuredAt }) => measuredAt !== noon + 20_000,
  );

  expect(settledTotals(samples, noon + 60_000).missingMs).toBe(5000);
});

test('counts no missing time for sample times with a jitter of a second', () => {
  const samples = samplesBetween(noon, noon + 60_000).map((sample, i) => ({
    ...sample,
    measuredAt: sample.measuredAt + (i % 2) * 1000,
  }));

  expect(settledTotals(samples, noon + 60_000).missingMs).toBe(0);
});

test('counts no missing time for a stream that is not due or has no schedule', () => {
  for (const live of [false, undefined]) {
    const ledger = settle(newPushLedger(noon), [], {
      ...settling,
      expectation: { ...alwaysLive, live },
      to: noon + 600_000,
    });

    expect(ledger.totals.missingMs).toBe(0);
  }
});

test('counts the missing time of a due stream without a push up to one period before the end of the settled time', () => {
  expect(settledTotals([], noon + 600_000).missingMs).toBe(595_000);
});

test('does not count a push that already runs at the start as a session', () => {
  expect(settledTotals(samplesBetween(noon, noon + 60_000), noon + 60_000).sessions).toBe(0);
});

test('starts a session after its publisher had no sample for longer than stale_after', () => {
  const samples = [
    ...samplesBetween(noon, noon + 60_000),
    // 30 s after the last sample: the same session.
    ...samplesBetween(noon + 85_000, noon + 100_000),
    // 35 s after the last sample: a new session.
    ...samplesBetween(noon + 130_000, noon + 140_000),
  ];

  expect(settledTotals(samples, noon + 200_000).sessions).toBe(1);
});

test.each([
  ['the first samples', (i: number) => i < 2],
  ['some samples', (i: number) => i % 3 === 1],
  ['the last samples', (i: number) => i > 4],
  ['all samples but one', (i: number) => i !== 3],
])('counts one session of a publisher whose address is unknown in %s', (_, isUnnamed) => {
  const samples = samplesBetween(noon + 60_000, noon + 100_000).map((sample, i) =>
    isUnnamed(i) ? { ...sample, clientIp: undefined } : sample,
  );

  const { sessions, clientChanges } = settledTotals(samples, noon + 100_000);
  expect([sessions, clientChanges]).toEqual([1, 0]);
});

test('counts a session for an unnamed publisher that starts after the named one has ended, and names it once', () => {
  const first = samplesBetween(noon, noon + 20_000);
  const unnamed = samplesBetween(noon + 60_000, noon + 80_000, { clientIp: undefined });
  const named = samplesBetween(noon + 80_000, noon + 200_000);

  const { totals, judged } = settle(newPushLedger(noon), [...first, ...unnamed, ...named], {
    ...settling,
    to: noon + 200_000,
  });

  expect(totals.sessions).toBe(1);
  expect(judged.publishers).toEqual([['192.0.2.10', noon + 195_000]]);
});

test('attributes an unnamed sample to the publisher with the newest sample', () => {
  const samples = [
    ...samplesBetween(noon, noon + 10_000, { clientIp: '192.0.2.99' }),
    ...samplesBetween(noon + 10_000, noon + 20_000),
    pushSample({ measuredAt: noon + 20_000, clientIp: undefined }),
  ];

  const { judged } = settle(newPushLedger(noon), samples, { ...settling, to: noon + 25_000 });

  expect(judged.publishers).toEqual([
    ['192.0.2.99', noon + 5000],
    ['192.0.2.10', noon + 20_000],
  ]);
});

test('counts the first push of a watched stream as a session', () => {
  expect(settledTotals(samplesBetween(noon + 35_000, noon + 60_000), noon + 60_000).sessions).toBe(1);
});

test('counts a client change for consecutive publishers, not for simultaneous ones', () => {
  const atOnce = [
    ...samplesBetween(noon, noon + 60_000),
    ...samplesBetween(noon, noon + 60_000, { clientIp: '192.0.2.99' }),
  ];
  const after = [
    ...samplesBetween(noon, noon + 60_000),
    ...samplesBetween(noon + 60_000, noon + 120_000, { clientIp: '192.0.2.99' }),
  ];

  expect(settledTotals(atOnce, noon + 200_000).clientChanges).toBe(0);
  expect(settledTotals(after, noon + 200_000).clientChanges).toBe(1);
  expect(settledTotals(after, noon + 200_000).sessions).toBe(1);
});

test('counts one session per alternating publisher and keeps all of them', () => {
  const samples = samplesBetween(noon + 40_000, noon + 100_000).map((sample, i) => ({
    ...sample,
    clientIp: `192.0.2.${i % 2}`,
  }));
  const { totals, judged } = settle(newPushLedger(noon), samples, { ...settling, to: noon + 100_000 });

  expect(totals.sessions).toBe(2);
  expect(judged.publishers).toEqual([
    ['192.0.2.0', samples.findLast(({ clientIp }) => clientIp === '192.0.2.0')?.measuredAt],
    ['192.0.2.1', samples.findLast(({ clientIp }) => clientIp === '192.0.2.1')?.measuredAt],
  ]);
});

test('keeps at most 16 publishers and counts no sessions of further ones while all of them push', () => {
  const samples = [0, 5000, 10_000].flatMap((ms) => publishersAt(noon + 40_000 + ms, 0, 1000));
  const { totals, judged } = settle(newPushLedger(noon), samples, { ...settling, to: noon + 60_000 });

  expect(judged.publishers.map(([publisher]) => publisher)).toEqual(
    publishersAt(noon, 0, 16).map(({ clientIp }) => clientIp),
  );
  expect(totals.sessions).toBe(16);
});

test('counts the session of a further publisher once another one is silent', () => {
  const [silent = pushSample()] = publishersAt(noon + 40_000, 0, 1);
  const [further = pushSample()] = publishersAt(noon + 70_000, 99, 100);
  const later = { ...further, measuredAt: noon + 75_000 };
  const others = [40_000, 70_000].flatMap((ms) => publishersAt(noon + ms, 1, 16));

  const { totals, judged } = settle(newPushLedger(noon), [silent, ...others, further, later], {
    ...settling,
    to: noon + 80_000,
  });

  // 16 publishers, and the further one when the last sample of the silent one is 35 s old.
  expect(totals.sessions).toBe(17);
  expect(judged.publishers).toHaveLength(16);
  expect(judged.publishers).toContainEqual([further.clientIp, later.measuredAt]);
});

test('limits the publishers that an earlier version saved without a limit', () => {
  const ledger = newPushLedger(noon);
  const publishers = publishersAt(noon, 0, 1000).map(({ clientIp = '' }) => [clientIp, noon] as const);

  const { judged } = settle({ ...ledger, judged: { ...ledger.judged, publishers } }, [], {
    ...settling,
    to: noon + 5000,
  });

  expect(judged.publishers).toEqual(publishers.slice(0, 16));
});

function settledTotals(samples: readonly PushSample[], to: number) {
  const inOrder = [...samples].sort((a, b) => a.measuredAt - b.measuredAt);
  return settle(newPushLedger(noon), inOrder, { ...settling, to }).totals;
}
