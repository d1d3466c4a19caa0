import { expect, test } from 'vitest';
import type { Window } from '../../src/model/time.ts';
import { type LateStream, pollLate, visibleSamples } from '../support/late-provider.ts';
import { noon } from '../support/samples.ts';

const delayed = (delayMs: number): LateStream => ({ visibleAt: (at) => at + delayMs });

test.each([5, 45, 90, 300, 900])('counts every sample that arrives %i s late', async (delayS) => {
  const stream = delayed(delayS * 1000);

  const { end, records, shown, skippedLate } = await pollLate({ streams: [stream], hours: 2 });

  const totals = records[0]?.push.totals;
  expect(totals).toMatchObject({ samples: visibleSamples(stream, end), missingMs: 0, sessions: 0 });
  expect(skippedLate).toBe(0);
  // Unknown for two polls, until the delay is learned, then up without a break.
  expect(shown[0]?.map(({ up }) => up).filter((up) => up === 'down')).toEqual([]);
  expect(shown[0]?.at(-1)?.up).toBe('up');
  expect(shown[0]?.at(-1)?.at).toBeLessThanOrEqual(10_000);
});

test.each(
  [30, 90, 200, 400, 600].flatMap((backlogS) => [1, 3].map((streams) => [backlogS, streams] as const)),
)('counts a backlog of %i s of %i streams that appears at once', async (backlogS, count) => {
  const from = noon + 1_800_000;
  const to = from + backlogS * 1000;
  const stream: LateStream = { visibleAt: (at) => (at >= from && at < to ? to : at + 5000) };

  const { end, records, skippedLate } = await pollLate({
    streams: Array.from({ length: count }, () => stream),
    hours: 2,
  });

  for (const { push } of records) {
    expect(push.totals).toMatchObject({
      samples: visibleSamples(stream, end),
      missingMs: 0,
      sessions: 0,
    });
  }
  expect(skippedLate).toBe(0);
});

test.each(
  [6, 20, 30, 60, 70].flatMap((outageMin) => [1, 10].map((backlogMin) => [outageMin, backlogMin] as const)),
)(
  'counts a backlog after an outage of the provider of %i min that ends %i min later',
  async (outageMin, backlogMin) => {
    const minute = 60_000;
    const from = noon + 30 * minute;
    const recoveredAt = from + outageMin * minute;
    const allAt = recoveredAt + backlogMin * minute;
    const stream: LateStream = { visibleAt: (at) => (at >= from && at < allAt ? allAt : at + 5000) };
    const fails = (_: Window, now: number) => now >= from && now < recoveredAt;

    const { end, records, requests } = await pollLate({ streams: [stream], hours: 3, fails });

    expect(records[0]?.push.totals).toMatchObject({
      samples: visibleSamples(stream, end),
      missingMs: 0,
      sessions: 0,
    });
    expect(requests).toBeLessThan(1.01 * ((end - noon) / 5000) + outageMin * 12);
  },
);

test('confirms the empty time of an outage although long windows fail after it', async () => {
  const minute = 60_000;
  const from = noon + 30 * minute;
  const recoveredAt = from + 60 * minute;
  const stream: LateStream = { isLive: (at) => at < from || at >= recoveredAt, visibleAt: (at) => at + 5000 };
  const isShort = ({ from, to }: Window) => to - from < 15 * minute;

  const { end, records } = await pollLate({
    streams: [stream],
    hours: 3,
    fails: (window, now) =>
      now >= from && (now < recoveredAt || (now >= recoveredAt + 2 * minute && !isShort(window))),
  });

  expect(records[0]?.push.totals).toMatchObject({
    samples: visibleSamples(stream, end),
    missingMs: 60 * minute,
    sessions: 1,
  });
});

test('counts the missing time of an outage that the provider and the stream share', async () => {
  const from = noon + 1_800_000;
  const to = from + 1_800_000;
  const stream: LateStream = { isLive: (at) => at < from || at >= to, visibleAt: (at) => at + 5000 };

  const { end, records } = await pollLate({
    streams: [stream],
    hours: 3,
    fails: (_, now) => now >= from && now < to,
  });

  expect(records[0]?.push.totals).toMatchObject({
    samples: visibleSamples(stream, end),
    missingMs: 1_800_000,
    sessions: 1,
  });
});

test.each([30, 90, 200, 400, 600])(
  'counts samples that arrive %i s late while newer ones arrive',
  async (lateS) => {
    const from = noon + 1_800_000;
    const stream: LateStream = {
      visibleAt: (at) => at + (at >= from && at < from + 60_000 ? lateS * 1000 : 5000),
    };

    const { end, records } = await pollLate({ streams: [stream], hours: 2 });

    expect(records[0]?.push.totals).toMatchObject({
      samples: visibleSamples(stream, end),
      missingMs: 0,
      sessions: 0,
    });
  },
);

test.each([0, 8])(
  'counts late samples after %i min of silence while windows are short',
  async (silentMin) => {
    const minute = 60_000;
    const at = (minutes: number) => noon + minutes * minute;
    const silent = { from: at(29 - silentMin), to: at(29) };
    const late = { from: at(29), to: at(31) };
    const stream: LateStream = {
      isLive: (time) => time < silent.from || time >= silent.to,
      visibleAt: (time) => (time >= late.from && time < late.to ? at(43) : time + 5000),
    };
    // After an outage of the provider, long windows fail, so that the windows are short for the next 20 min.
    const fails = (window: Window, now: number) =>
      now >= at(10) && (now < at(31) || (now < at(33) && window.to - window.from > 15 * minute));

    const { end, records, requests } = await pollLate({ streams: [stream], hours: 1.2, fails });

    expect(records[0]?.push.totals).toMatchObject({
      samples: visibleSamples(stream, end),
      missingMs: silentMin * minute,
    });
    // The end of the outage needs peeks. Otherwise, few polls need a second request.
    expect(requests).toBeLessThan(1.2 * ((end - noon) / 5000));
  },
);

test.each([
  ['fail above 30 min', { fails: ({ from, to }: Window) => to - from > 1_800_000 }],
  ['return at most 200 samples', { maxRows: 200 }],
])('counts late samples with rechecks that %s', async (_, limit) => {
  const from = noon + 1_800_000;
  const to = from + 2_700_000;
  const stream: LateStream = { visibleAt: (at) => (at >= from && at < to ? to + 1_800_000 : at + 5000) };

  const { end, records } = await pollLate({ streams: [stream], hours: 7, ...limit });

  expect(records[0]?.push.totals.samples).toBe(visibleSamples(stream, end));
});

test('shows a stream that falls silent as down and counts its missing time once, after sixteen minutes', async () => {
  const from = noon + 600_000;
  const to = from + 1_200_000;
  const stream: LateStream = { isLive: (at) => at < from || at >= to, visibleAt: (at) => at + 5000 };

  const { records, shown } = await pollLate({ streams: [stream], hours: 1 });

  expect(records[0]?.push.totals).toMatchObject({ missingMs: 1_200_000, sessions: 1 });
  expect(shown[0]?.map(({ up }) => up)).toEqual(['up', 'down', 'up']);
  const silentAt = shown[0]?.[1]?.at ?? 0;
  expect(silentAt - 600_000).toBeGreaterThan(30_000);
  expect(silentAt - 600_000).toBeLessThanOrEqual(45_000);
});

test('shows a stream that is not pushed as down with the second answer', async () => {
  const { shown } = await pollLate({ streams: [{ isLive: () => false, visibleAt: (at) => at }], hours: 0.1 });

  expect(shown[0]).toEqual([
    { at: 0, up: 'unknown' },
    { at: 5000, up: 'down' },
  ]);
});

test('shows streams that fall silent together as unknown for a quarter of an hour, then as down', async () => {
  const from = noon + 600_000;
  const stream: LateStream = { isLive: (at) => at < from, visibleAt: (at) => at + 5000 };

  const { shown } = await pollLate({ streams: [stream, stream, stream], hours: 1 });

  for (const states of shown) {
    expect(states.map(({ up }) => up)).toEqual(['up', 'unknown', 'down']);
    const [, unknown, down] = states;
    expect((down?.at ?? 0) - (unknown?.at ?? 0)).toBe(900_000);
  }
});

test('shows a stream as down at once while another stream has newer samples', async () => {
  const from = noon + 600_000;
  const silent: LateStream = { isLive: (at) => at < from, visibleAt: (at) => at + 5000 };

  const { shown } = await pollLate({ streams: [silent, delayed(5000)], hours: 0.5 });

  expect(shown.map((states) => states.map(({ up }) => up))).toEqual([['up', 'down'], ['up']]);
});

test.each([2, 3, 5, 17, 65])('counts samples that arrive %i h late once, as backfilled', async (lateH) => {
  const from = noon + 1_800_000;
  const to = from + 300_000;
  const stream: LateStream = {
    visibleAt: (at) => (at >= from && at < to ? at + lateH * 3_600_000 : at + 5000),
  };

  const { end, records } = await pollLate({ streams: [stream], hours: 71, intervalMs: 30_000 });

  const totals = records[0]?.push.totals;
  expect(totals).toMatchObject({ samples: visibleSamples(stream, end), missingMs: 300_000, sessions: 1 });
  expect(totals?.backfilledMs).toBeGreaterThanOrEqual(300_000);
  expect(records[0]?.empty?.ranges).toEqual([]);
});

test('follows the period of the samples', async () => {
  const from = noon + 600_000;
  const stream: LateStream = {
    visibleAt: (at) => at + 5000,
    periodMs: (at) => (at >= from && at <= from + 1_200_000 ? 60_000 : 5000),
  };

  const { records, shown } = await pollLate({ streams: [stream], hours: 1 });

  expect(records[0]?.push.totals).toMatchObject({ missingMs: 0, sessions: 0 });
  expect(shown[0]?.map(({ up }) => up)).toEqual(['up']);
});

test('reports a delay once a whole time slot was late', async () => {
  const { late, delay } = await pollLate({ streams: [delayed(90_000)], hours: 0.2 });

  expect(late).toEqual([85_000, 85_000]);
  expect(delay.effectiveMs(10_000)).toBe(85_000);
});

test('spends under 5 % of the requests on rechecks if most streams are offline', async () => {
  const offline: LateStream = { isLive: () => false, visibleAt: (at) => at };
  const intervalMs = 55_000;
  const streams = [delayed(5000), ...Array.from({ length: 9 }, () => offline)];

  const { requests } = await pollLate({ streams, hours: 48, intervalMs });

  const polls = streams.length * Math.ceil((48 * 3_600_000) / intervalMs);
  expect(requests).toBeGreaterThan(polls);
  expect(requests / polls).toBeLessThan(1.05);
});

test('reports how far the account lags, also if another stream has been silent for long', async () => {
  const from = noon + 1_800_000;
  const live: LateStream = { isLive: (at) => at < from, visibleAt: (at) => at + 5000 };
  const offline: LateStream = { isLive: (at) => at < noon, visibleAt: (at) => at + 5000 };

  const { delay, end } = await pollLate({ streams: [live, live, offline], hours: 0.6 });

  expect(delay.lagMs(end)).toBe(end - (from - 5000) - 10_000);
  expect(delay.lagMs(end + 60_000)).toBe(0);
});

test.each([1, 2])('counts no missing time if the delay of %i streams rises to 15 minutes', async (count) => {
  const from = noon + 1_800_000;
  const stream: LateStream = { visibleAt: (at) => at + (at < from ? 5000 : 900_000) };

  const { end, records } = await pollLate({ streams: Array.from({ length: count }, () => stream), hours: 2 });

  for (const { push } of records) {
    expect(push.totals).toMatchObject({ samples: visibleSamples(stream, end), missingMs: 0, sessions: 0 });
  }
});
