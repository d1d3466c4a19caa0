import { expect, test } from 'vitest';
import { ProviderError } from '../../src/model/answer.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import type { PushHistorySource } from '../../src/model/questions.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import type { Window } from '../../src/model/time.ts';
import { createDataDelay } from '../../src/polling/data-delay.ts';
import type { CountedAnswer } from '../../src/polling/history.ts';
import { createPushRun, toPushPollTarget } from '../../src/polling/push-history.ts';
import { truncatedWarning } from '../../src/polling/whole-answers.ts';
import { createDisklessRecordCache } from '../support/record-cache.ts';
import { noon, pushSample, pushTarget, samplesBetween } from '../support/samples.ts';

const hourMs = 3_600_000;
/** Time of the first poll after the outage of the exporter. */
const back = noon + 6 * hourMs;

const lengthOf = ({ from, to }: Window) => to - from;

test.each([
  ['a gateway timeout', new ProviderError('unavailable', 'HTTP 504'), 30 * 60_000],
  ['too large responses', new ProviderError('malformed', 'larger than 1 byte'), 45 * 60_000],
  ['a gateway timeout', new ProviderError('unavailable', 'HTTP 504'), 6 * 60_000],
])('counts every sample of an outage in spite of %s for long windows', async (_, failure, maxMs) => {
  const { poll, source, totals, views } = setUp((window) => {
    if (lengthOf(window) > maxMs) throw failure;
    return samplesIn(window);
  });
  await poll(noon);

  const outcomes: string[] = [];
  for (let run = 0; run < 100 && outcomes.at(-1) !== 'current'; run++) {
    outcomes.push(
      await poll(back).then(
        ({ isBehind }) => (isBehind ? 'behind' : 'current'),
        () => 'failed',
      ),
    );
    // The newest window is requested although the history request failed.
    if (run === 0) expect(views.at(-1)?.live?.followed.measuredAt).toBe(back - 5000);
  }

  expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(
    Math.ceil(Math.log2((2 * hourMs) / maxMs)),
  );
  expect(outcomes.at(-1)).toBe('current');
  expect(totals().samples).toBe((6 * hourMs + 70_000) / 5000);
  expect(Math.max(...source.answered.map(lengthOf))).toBeLessThanOrEqual(maxMs);
});

test('does not reduce the span if short windows also fail', async () => {
  let isDown = false;
  const { poll, source } = setUp((window) => {
    if (isDown) throw new ProviderError('unavailable', 'no response');
    return samplesIn(window);
  });
  await poll(noon);
  isDown = true;
  for (let run = 0; run < 5; run++) await expect(poll(back)).rejects.toThrow('no response');
  isDown = false;
  source.answered.length = 0;

  await poll(back);

  expect(lengthOf(source.answered[0] ?? { from: 0, to: 0 })).toBe(2 * hourMs);
});

test('does not reduce the span if a request for held empty time fails once', async () => {
  // The provider delivers nothing for 15 minutes, then everything. Empty time is requested again by each poll.
  let now = noon;
  const { poll, totals } = setUp((window) => {
    if (now === noon + 700_000 && lengthOf(window) > 60_000)
      throw new ProviderError('unavailable', 'HTTP 504');
    const isVisible = (at: number) => at <= now - 5000 && (at < noon || now >= noon + 900_000);
    return samplesIn(window).filter(({ measuredAt }) => isVisible(measuredAt));
  });

  for (; now <= noon + 2_400_000; now += 5000) await poll(now).catch(() => undefined);

  expect(totals()).toMatchObject({ samples: 2_470_000 / 5000, missingMs: 0, sessions: 0 });
});

test('peeks far enough back for the period of the samples', async () => {
  const minuteMs = 60_000;
  const { poll, views } = setUp(({ from, to }) => {
    const first = Math.ceil(from / minuteMs) * minuteMs;
    return Array.from({ length: Math.floor((to - first) / minuteMs) + 1 }, (_, i) =>
      pushSample({ measuredAt: first + i * minuteMs, periodMs: minuteMs }),
    );
  });
  await poll(noon);

  await poll(back + 50_000);

  expect(views.at(-1)?.live?.followed.measuredAt).toBe(back);
});

test('updates the gauges although no window of some old time can be answered', async () => {
  const isUnanswerable = ({ from, to }: Window) => from < noon + 2 * hourMs && to > noon + hourMs;
  const { poll, views } = setUp((window) => {
    if (isUnanswerable(window)) throw new ProviderError('unavailable', 'HTTP 504');
    return samplesBetween(Math.ceil(window.from / 5000) * 5000, window.to);
  });
  await poll(noon);

  for (let now = back; now < back + 3_600_000; now += 5000) await poll(now).catch(() => undefined);

  const answeredAt = views.map((view) => view.answeredAt).filter((at) => at >= back);
  const ages = answeredAt.map((at, i) => at - (answeredAt[i - 1] ?? back));
  expect(Math.max(...ages)).toBeLessThanOrEqual(30_000);
  expect(answeredAt.at(-1)).toBeGreaterThanOrEqual(back + 3_570_000);
});

test('tries longer windows again after ten minutes', async () => {
  let maxMs = 30 * 60_000;
  const { poll, source } = setUp((window) => {
    if (lengthOf(window) > maxMs) throw new ProviderError('unavailable', 'HTTP 504');
    return samplesIn(window);
  });
  await poll(noon);
  for (let run = 0; run < 3; run++) await poll(back).catch(() => undefined);
  maxMs = Number.POSITIVE_INFINITY;
  await poll(back + 11 * 60_000);
  source.answered.length = 0;

  await poll(back + 11 * 60_000);

  expect(lengthOf(source.answered[0] ?? { from: 0, to: 0 })).toBe(hourMs);
});

test.each(['oldest', 'newest'] as const)(
  'does not take an answer with the %s 1,000 rows as complete',
  async (kept) => {
    const { poll, totals } = setUp((window) => {
      const rows = samplesIn(window);
      return kept === 'oldest' ? rows.slice(0, 1000) : rows.slice(-1000);
    });
    await poll(noon);

    while ((await poll(back)).isBehind);

    expect(totals()).toMatchObject({ samples: (6 * hourMs + 70_000) / 5000, missingMs: 0 });
  },
);

test.each(['oldest', 'newest'] as const)(
  'does not take an answer as complete that lacks four minutes beyond the %s 1,000 rows',
  async (kept) => {
    // The first window after the outage contains 1,050 samples.
    const pause = { from: noon, to: noon - 70_000 + 2 * hourMs - 1050 * 5000 };
    const { poll, totals } = setUp((window) => {
      const rows = samplesIn(window).filter(
        ({ measuredAt }) => measuredAt < pause.from || measuredAt >= pause.to,
      );
      return kept === 'oldest' ? rows.slice(0, 1000) : rows.slice(-1000);
    });
    await poll(noon);

    while ((await poll(back)).isBehind);

    const pauseMs = pause.to - pause.from;
    expect(totals()).toMatchObject({
      samples: (6 * hourMs + 70_000 - pauseMs) / 5000,
      missingMs: pauseMs,
    });
  },
);

test('does not reduce the span if an answer only looks truncated', async () => {
  // The provider is late: 1,000 rows, and none of the newest.
  const { poll, source } = setUp((window) =>
    samplesIn(window).filter(({ measuredAt }) => measuredAt < noon - 70_000 + 5_000_000),
  );
  await poll(noon);
  await poll(back);
  source.answered.length = 0;

  await poll(back);

  expect(source.answered.map(lengthOf)).toContain(2 * hourMs);
});

test('does not reduce the span if a sample appears while an answer is checked', async () => {
  // The push began in the window: the answer has 400 rows and none at its start. Each request returns one
  // more.
  let newest = noon + 5_000_000 + 399 * 5000;
  const { poll, source } = setUp((window) => {
    const rows = samplesIn(window).filter(
      ({ measuredAt }) => measuredAt >= noon + 5_000_000 && measuredAt <= newest,
    );
    if (rows.length > 0) newest += 5000;
    return rows;
  });
  await poll(noon);
  await poll(noon + 10_000_000);
  const { length } = source.answered;
  source.answered.length = 0;

  await poll(back);

  expect(length).toBeGreaterThan(3);
  expect(source.answered.map(lengthOf)).toContain(2 * hourMs);
});

test('warns if even a short window has too many rows for one response', async () => {
  const { poll, counted } = setUp(({ from, to }) =>
    Array.from({ length: 100 }, (_, i) => samplesBetween(from, to, { clientIp: `192.0.2.${i}` })[0]).filter(
      (sample) => sample !== undefined,
    ),
  );

  await poll(noon);

  expect(counted[0]?.warnings).toEqual([truncatedWarning]);
});

test('does not take a truncated peek as complete', async () => {
  // The first answer leaves open whether the stream is live, so the peek after the outage covers 20 min.
  const { poll, views } = setUp((window) =>
    samplesIn(window)
      .filter(({ measuredAt }) => measuredAt > noon)
      .slice(0, 200),
  );
  await poll(noon);

  await poll(back);

  expect(views.at(-1)?.live?.followed.measuredAt).toBe(back - 5000);
});

/** Returns the samples of a window, one every five seconds of the clock, up to `back`. */
function samplesIn({ from, to }: Window): PushSample[] {
  return samplesBetween(Math.ceil(from / 5000) * 5000, Math.min(to, back));
}

function setUp(rows: (window: Window) => readonly PushSample[]) {
  const target = toPushPollTarget(pushTarget());
  const cache = createDisklessRecordCache();
  cache.put(startOrResumePush(undefined, target.target, noon));
  const views: PushView[] = [];
  const counted: CountedAnswer<PushSample>[] = [];
  let now = noon;
  const source: PushHistorySource & { answered: Window[] } = {
    operation: 'ListPushes',
    limits: { spanMs: 2 * hourMs, retentionMs: 72 * hourMs, periodMs: 5000 },
    answered: [],
    async listPushSamples(_, window) {
      const items = rows(window);
      source.answered.push(window);
      return { items, malformed: 0, warnings: [] };
    },
  };
  const { run } = createPushRun({
    source: () => source,
    cache,
    delay: createDataDelay(() => undefined),
    clock: { elapsed: () => now, yieldNow: async () => undefined },
    viewOf: () => views.at(-1),
    onView: (_, view) => views.push(view),
  });
  return {
    source,
    views,
    counted,
    poll(at: number) {
      now = at;
      return run(target, at, new AbortController().signal, {
        counted: (_, answer) => counted.push(answer),
        paused: () => undefined,
        effectiveIntervalMs: () => 5000,
        configuredIntervalMs: () => 5000,
      });
    },
    totals() {
      const record = cache.record(target.key);
      if (record?.question !== 'push_stats') throw new Error('no push record');
      return record.push.totals;
    },
  };
}
