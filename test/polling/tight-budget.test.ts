import { expect, test } from 'vitest';
import { catchUpMs, losesData } from '../../src/model/catch-up.ts';
import { tokenSpacingMs } from '../../src/model/effective-interval.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import { createDataDelay } from '../../src/polling/data-delay.ts';
import { createPushRun, toPushPollTarget } from '../../src/polling/push-history.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { setUpPoller } from '../support/poller.ts';
import { createDisklessRecordCache } from '../support/record-cache.ts';
import { noon, pushSample, pushTarget, streamId } from '../support/samples.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const limits = { spanMs: 2 * hourMs, retentionMs: 72 * hourMs, periodMs: minuteMs };

test('catches up after an outage of an hour with a budget that nearly all polls need, as predicted', async () => {
  // The same load as 500 streams at 0.1 requests/s.
  const { pass, plan, mostBehindMs, gapMs, intervalMs } = setUp({ targets: 50, perSecond: 0.01 });
  await pass(6 * hourMs);
  expect(mostBehindMs()).toBeLessThan(2 * hourMs);

  const predictedMs = catchUpMs(plan, hourMs);
  const tookMs = await pass(24 * hourMs, { outageMs: hourMs });

  expect(tookMs).toBeGreaterThan(0.8 * predictedMs);
  expect(tookMs).toBeLessThan(1.2 * predictedMs);
  await pass(48 * hourMs);
  expect(mostBehindMs()).toBeLessThan(2 * hourMs);
  expect(gapMs()).toBe(0);
  const roundMs = 50 * tokenSpacingMs(0.01);
  expect(intervalMs()).toBeGreaterThanOrEqual(roundMs);
  expect(intervalMs()).toBeLessThan(1.05 * roundMs);
});

test.each([
  [10, 0.01, hourMs],
  [20, 0.005, 3 * hourMs],
  [100, 0.05, 5 * hourMs],
])(
  'predicts the catch-up of %i streams at %f requests/s after %i ms',
  async (targets, perSecond, outageMs) => {
    const { pass, plan } = setUp({ targets, perSecond });
    await pass(6 * hourMs);

    const tookMs = await pass(72 * hourMs, { outageMs });

    const predictedMs = catchUpMs(plan, outageMs);
    expect(tookMs).toBeGreaterThan(0.8 * predictedMs);
    expect(tookMs).toBeLessThan(1.2 * predictedMs);
  },
);

test('predicts that a budget loses data', async () => {
  const { pass, plan, mostBehindMs } = setUp({ targets: 50, perSecond: 0.005 });

  expect(losesData(plan)).toBe(true);
  expect(catchUpMs(plan, hourMs)).toBe(Number.POSITIVE_INFINITY);
  await pass(48 * hourMs);
  expect(mostBehindMs()).toBeGreaterThan(6 * hourMs);
});

/** Polls live streams in virtual time, with a rate limit that all requests share. */
function setUp({ targets: count, perSecond }: { readonly targets: number; readonly perSecond: number }) {
  const clock = createManualClock(noon);
  const cache = createDisklessRecordCache();
  const views = new Map<string, PushView>();
  const spacingMs = tokenSpacingMs(perSecond);
  const targets = Array.from({ length: count }, (_, i) =>
    toPushPollTarget(pushTarget({ stream: streamId({ stream: `s${i}` }) })),
  );
  for (const { key, target } of targets) {
    cache.put({ ...startOrResumePush(undefined, target, noon), targetKey: key });
  }
  let tokens = 0;
  let taken = 0;
  const { run } = createPushRun({
    source: () => ({
      operation: 'ListPushes',
      limits,
      async listPushSamples(_, { from, to }) {
        tokens--;
        taken++;
        const items: PushSample[] = [];
        for (let at = Math.ceil(from / minuteMs) * minuteMs; at <= to; at += minuteMs) {
          items.push(pushSample({ measuredAt: at, periodMs: minuteMs }));
        }
        return { items, malformed: 0, warnings: [] };
      },
    }),
    cache,
    delay: createDataDelay(() => undefined),
    clock,
    viewOf: ({ streamKey }) => views.get(streamKey),
    onView: ({ streamKey }, view) => void views.set(streamKey, view),
  });
  const byKey = new Map(targets.map((target) => [target.key, target]));
  const { poller } = setUpPoller({
    clock,
    targets: targets.map(({ key, intervalMs }) => ({ key, intervalMs, hasPriority: () => false })),
    perSecond: () => perSecond,
    configuredPerSecond: () => perSecond,
    waiting: () => (tokens >= 1 ? 0 : 100),
    taken: () => taken,
    run: async ({ key }, now, signal) => {
      const target = byKey.get(key);
      if (target === undefined) throw new Error('unknown target');
      return run(target, now, signal, {
        counted: () => undefined,
        paused: () => undefined,
        effectiveIntervalMs: () => poller.effectiveIntervalMs(),
        configuredIntervalMs: () => poller.configuredIntervalMs(),
      });
    },
  });
  const behindMs = () =>
    targets.map(({ key }) => clock.now() - (cache.progress(key)?.watermark ?? Number.NaN));
  const roundMs = count * spacingMs;
  return {
    plan: { requests: count, spacingMs, intervalMs: 5000, spanMs: limits.spanMs, lookbackMs: 70_000 },
    intervalMs: poller.effectiveIntervalMs,
    mostBehindMs: () => Math.max(...behindMs()),
    gapMs: () =>
      targets.reduce((sum, { key }) => {
        const record = cache.record(key);
        return sum + (record?.question === 'push_stats' ? record.push.totals.gapMs : 0);
      }, 0),
    /**
     * Lets time pass, first an outage of the exporter. Returns after which time since the outage all targets were
     * polled up to the time of their poll.
     */
    async pass(ms: number, { outageMs = 0 }: { readonly outageMs?: number } = {}): Promise<number> {
      if (outageMs > 0) clock.setNow(clock.now() + outageMs);
      const from = clock.now();
      let caughtUpMs = Number.NaN;
      while (clock.now() < from + ms) {
        tokens = Math.min(1, tokens + 1);
        await poller.start(clock.now());
        await clock.advance(spacingMs);
        if (Number.isNaN(caughtUpMs) && Math.max(...behindMs()) <= roundMs * 1.2 + 5000) {
          caughtUpMs = clock.now() - from;
        }
      }
      return caughtUpMs;
    },
  };
}
