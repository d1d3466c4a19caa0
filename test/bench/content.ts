import { systemClock } from '../../src/clock.ts';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts';
import {
  mediaFamilies,
  pushEndFamilies,
  pushFamilies,
  pushStartFamilies,
} from '../../src/metrics/push/push-families.ts';
import type { Expectation } from '../../src/model/expectation.ts';
import { addGap, addSamples, newPushLedger, type PushLedger } from '../../src/model/push-ledger.ts';
import { freshMs, type PushSample } from '../../src/model/push-sample.ts';
import { noTotals, type PushTotals } from '../../src/model/push-totals.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { settle } from '../../src/model/settle.ts';
import { streamKey } from '../../src/model/stream.ts';
import type { PushTarget } from '../../src/model/target.ts';
import { minuteMs, secondMs } from '../../src/model/time.ts';
import { noon, pushSample, pushTarget, streamId } from '../support/samples.ts';

/** Families that only streams of API 3.0 have. */
const onlyOfApi3 = [...mediaFamilies, ...pushStartFamilies, ...pushEndFamilies];

/**
 * Number of series of a statcgi stream with one publisher and a complete expectation: one per point of each
 * family.
 */
export const seriesPerStream = pushFamilies
  .filter(({ name }) => !onlyOfApi3.some((family) => family.name === name))
  .flatMap(({ points }) => points)
  .filter(({ labels = {} }) => !('media' in labels) && labels.condition !== 'video_stall').length;

/** Families whose value is always 1 in the content. `change` changes the series of all others. */
export const constantFamilies = ['livestream_push_up', 'livestream_push_info', 'livestream_stream_info'];

/** Returns the number of streams that have about `series` series. */
export function streamsWith(series: number): number {
  return Math.round(series / seriesPerStream);
}

/** Returns the sentences of `docs/performance.md` about the number of series. */
export function describeSeries(): string {
  const [small, large] = [100_000, 500_000].map((series) => streamsWith(series).toLocaleString('en-US'));
  const changing = seriesPerStream - constantFamilies.length;
  return [
    `A stream of Tencent's push statistics with one publisher and a complete expectation has ${seriesPerStream} series.`,
    `100,000 series are ${small} streams, and 500,000 series are ${large} streams. When *every value changes*,`,
    `${changing} of the ${seriesPerStream} series of a stream change: the others are always 1.`,
  ].join('\n');
}

/** Deterministic statcgi streams in the program's own metrics. */
export interface Content {
  readonly metrics: Metrics;
  /**
   * Changes every variable value of this share of the streams, evenly spread. The next call changes other
   * streams.
   */
  change(share: number): void;
  /** Adds a sample to each of the next `count` streams. */
  arrive(count: number): void;
}

interface Filled {
  readonly target: PushTarget;
  readonly key: string;
  ledger: PushLedger;
}

export function createContent(streams: number): Content {
  const metrics = createBenchMetrics();
  const all = Array.from({ length: streams }, (_, number): Filled => {
    const target = benchTarget(number);
    return {
      target,
      key: streamKey(target.stream),
      ledger: filledLedger(number),
    };
  });
  for (const { target, ledger } of all) metrics.series.add(target, ledger);
  let step = 0;
  let arrivals = 0;

  const show = ({ key, ledger }: Filled, sample: PushSample) => {
    metrics.series.setLedger(key, ledger);
    metrics.series.setView(key, viewOf(sample));
  };

  const change = (share: number) => {
    if (share === 0) return;
    step++;
    const every = Math.round(1 / share);
    for (let number = step % every; number < all.length; number += every) {
      const filled = all[number];
      if (filled === undefined) break;
      const target = { ...filled.target, expectation: expectationAt(step) };
      metrics.series.update(target);
      const sample = benchSample(number, step);
      filled.ledger = ledgerAfter(filled.ledger, sample, target, step);
      show(filled, sample);
    }
  };

  change(1);
  return {
    metrics,
    change,
    arrive(count) {
      for (; count > 0; count--) {
        const number = arrivals++ % all.length;
        const filled = all[number];
        if (filled === undefined) return;
        const sample = benchSample(number, step + arrivals / all.length);
        const { expectation } = filled.target;
        filled.ledger = addSamples(filled.ledger, [sample], {
          expectation,
          freshness,
          now: noon + freshMs(freshness, sample.periodMs),
        });
        show(filled, sample);
      }
    },
  };
}

export function createBenchMetrics(): Metrics {
  return createMetrics({
    clientIp: { show: 'full', on: 'gauges' },
    clock: systemClock,
    version: '0.0.0',
    nodeVersion: process.version,
    onRelease: () => undefined,
    onControlRelease: () => undefined,
  });
}

export function benchTarget(number: number): PushTarget {
  const suffix = String(number).padStart(6, '0');
  return pushTarget({
    stream: streamId({
      account: 'tencent-main',
      domain: `push-${number % 40}.live.example.com`,
      stream: `room-${suffix}-main`,
    }),
    expectation: expectationAt(0),
    labels: { team: `team-${number % 12}` },
  });
}

/** Returns a ledger as after some days, whose counters have left 0. */
export function filledLedger(number: number): PushLedger {
  const watched = newPushLedger(noon - minuteMs);
  return { ...watched, totals: olderTotals(number), newestAt: noon, leftZero: true };
}

/** Returns limits that change with each step, so that the gauges from the config change as well. */
function expectationAt(step: number): Expectation {
  return {
    framesPerSecond: 25 + (step % 5),
    bitsPerSecond: 2_500_000 + (step % 7) * 1000,
    minFramesPerSecond: 18 + (step % 5),
    minBitsPerSecond: 1_000_000 + (step % 7) * 1000,
    live: step % 2 === 0,
  };
}

/** Returns the sample of a step. Steps are a minute apart, and streams are measured at different seconds. */
export function benchSample(number: number, step: number): PushSample {
  return pushSample({
    measuredAt: noon + (Math.round(step * 60) + below(30, number)) * secondMs,
    clientIp: `192.0.${2 + (number >> 8)}.${number & 255}`,
    serverIp: `198.51.100.${number % 60}`,
    framesPerSecond: 24 + ((below(3, number) + Math.floor(step)) % 3),
    bitsPerSecond: 2_400_000 + below(900_000, number, Math.floor(step * 60)),
  });
}

/** Returns totals of some days, different for each stream and some with bad seconds. */
function olderTotals(number: number): PushTotals {
  const samples = 1_000 + below(200_000, number, 1);
  const some = (max: number, seed: number) =>
    below(3, number, seed) === 0 ? below(max, number, seed + 1) : 0;
  const [slow, dark, thin] = [some(900, 2), some(200, 4), some(900, 6)];
  const periodMs = 5 * secondMs;
  return {
    samples,
    observedMs: samples * periodMs,
    measuredMs: { fps: samples * periodMs, bitrate: samples * periodMs },
    milliframes: samples * 5 * 25_000 - slow * 60_000,
    bytes: samples * 1_600_000 + below(10_000_000, number, 8),
    mediaMs: noTotals.mediaMs,
    degradedMs: {
      low_fps: slow * periodMs,
      no_video: dark * periodMs,
      low_bitrate: thin * periodMs,
      video_stall: 0,
    },
    badMs: (slow + dark + thin) * periodMs,
    missingMs: some(2_000, 10) * periodMs,
    backfilledMs: some(500, 12) * periodMs,
    gapMs: some(20, 14) * minuteMs,
    sessions: 1 + below(60, number, 16),
    clientChanges: below(9, number, 17),
  };
}

/** Returns a pseudo-random integer from 0 to `max` - 1: a hash of `seeds`. */
function below(max: number, ...seeds: readonly number[]): number {
  let hash = 0x9e37_79b9;
  for (const seed of seeds) {
    hash = Math.imul(hash ^ (seed + 1), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) % max;
}

export function viewOf(sample: PushSample): PushView {
  return {
    live: { followed: sample, others: [] },
    isUnknown: false,
    watermark: sample.measuredAt + secondMs,
    answeredAt: sample.measuredAt + secondMs,
    expiresAt: Number.MAX_SAFE_INTEGER,
    since: sample.measuredAt,
    isSinceFirst: true,
  };
}

/** Freshness without delay: a sample is fresh for two of its periods. */
const freshness = { expectedDelayMs: 0, staleAfterMs: 0 };

/**
 * Adds bad samples, a late one, a hole, a session from a new address and a gap, so that every total changes.
 */
function ledgerAfter(before: PushLedger, sample: PushSample, target: PushTarget, step: number): PushLedger {
  const { expectation, staleAfterMs } = target;
  const { measuredAt, periodMs } = sample;
  const slow = { ...sample, measuredAt: measuredAt - 2 * periodMs, framesPerSecond: 9 };
  const dark = {
    ...sample,
    measuredAt: measuredAt - 5 * periodMs,
    framesPerSecond: 0,
    bitsPerSecond: 300_000,
  };
  const now = slow.measuredAt + freshMs(freshness, periodMs);
  const added = addSamples(before, [dark, slow, sample], { expectation, freshness, now });
  const settled = settle(added, [{ ...sample, clientIp: `198.51.100.${step % 250}` }], {
    to: measuredAt,
    expectation: { ...expectation, live: true },
    periodMs,
    staleAfterMs,
  });
  return addGap(settled, { from: measuredAt, to: measuredAt + secondMs });
}
