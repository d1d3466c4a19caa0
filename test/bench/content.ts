import { systemClock } from '../../src/clock.ts';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts';
import type { Expectation } from '../../src/model/expectation.ts';
import {
  addGap,
  addSamples,
  newPushLedger,
  type PushLedger,
  type PushTotals,
  settle,
} from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { streamKey } from '../../src/model/stream.ts';
import type { PushTarget } from '../../src/model/target.ts';
import { minuteMs, secondMs } from '../../src/model/time.ts';
import { noon, pushSample, pushTarget, streamId } from '../support/samples.ts';

/** As many series as a stream of statcgi has, with one publisher and everything expected of it. */
export const seriesPerStream = 25;

/** Streams as statcgi fills them, through the program's own metrics: the same calls give the same text. */
export interface Content {
  readonly metrics: Metrics;
  /** Every value that can change does, of this share of the streams, evenly spread; the next call takes others. */
  change(share: number): void;
  /** One more sample of each of the next `count` streams. */
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
        filled.ledger = addSamples(filled.ledger, [sample], { expectation, freshFrom: noon });
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
  const place = String(number).padStart(6, '0');
  return pushTarget({
    stream: streamId({
      account: 'tencent-main',
      domain: `push-${number % 40}.live.example.com`,
      stream: `room-${place}-main`,
    }),
    expectation: expectationAt(0),
    labels: { team: `team-${number % 12}` },
  });
}

/** As it would be after some days, with every counter past its birth. */
export function filledLedger(number: number): PushLedger {
  const watched = newPushLedger(noon - minuteMs);
  return { ...watched, totals: olderTotals(number), newestAt: noon, leftZero: true };
}

/** Limits that move a little with each step, so that the gauges of the config change as well. */
function expectationAt(step: number): Expectation {
  return {
    framesPerSecond: 25 + (step % 5),
    bitsPerSecond: 2_500_000 + (step % 7) * 1000,
    minFramesPerSecond: 18 + (step % 5),
    minBitsPerSecond: 1_000_000 + (step % 7) * 1000,
    live: step % 2 === 0,
  };
}

/** Steps are a minute apart; a part of one is a part of that minute. Streams are not measured at the same second. */
export function benchSample(number: number, step: number): PushSample {
  return pushSample({
    measuredAt: noon + (Math.round(step * 60) + below(30, number)) * secondMs,
    clientIp: `192.0.${2 + (number >> 8)}.${number & 255}`,
    serverIp: `198.51.100.${number % 60}`,
    framesPerSecond: 24 + ((below(3, number) + Math.floor(step)) % 3),
    bitsPerSecond: 2_400_000 + below(900_000, number, Math.floor(step * 60)),
  });
}

/** Some days of history, of each stream its own; some had a bad time now and then. */
function olderTotals(number: number): PushTotals {
  const samples = 1_000 + below(200_000, number, 1);
  const some = (most: number, of: number) => (below(3, number, of) === 0 ? below(most, number, of + 1) : 0);
  const [slow, dark, thin] = [some(900, 2), some(200, 4), some(900, 6)];
  const periodMs = 5 * secondMs;
  return {
    samples,
    observedMs: samples * periodMs,
    milliframes: samples * 5 * 25_000 - slow * 60_000,
    bytes: samples * 1_600_000 + below(10_000_000, number, 8),
    degradedMs: { low_fps: slow * periodMs, no_video: dark * periodMs, low_bitrate: thin * periodMs },
    badMs: (slow + dark + thin) * periodMs,
    missingMs: some(2_000, 10) * periodMs,
    backfilledMs: some(500, 12) * periodMs,
    gapMs: some(20, 14) * minuteMs,
    sessions: 1 + below(60, number, 16),
    clientChanges: below(9, number, 17),
  };
}

/** A whole number from 0 to `most` that looks like chance and is always the same for the same numbers. */
function below(most: number, ...of: readonly number[]): number {
  let hash = 0x9e37_79b9;
  for (const one of of) {
    hash = Math.imul(hash ^ (one + 1), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) % most;
}

export function viewOf(sample: PushSample): PushView {
  return {
    live: { followed: sample, others: [] },
    watermark: sample.measuredAt + secondMs,
    answeredAt: sample.measuredAt + secondMs,
    expiresAt: Number.MAX_SAFE_INTEGER,
  };
}

/** By the program's own arithmetic, with something of everything: bad samples, a late one, a hole, a new session from a new address, a gap. */
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
  const added = addSamples(before, [dark, slow, sample], { expectation, freshFrom: slow.measuredAt });
  const settled = settle(added, [{ ...sample, clientIp: `198.51.100.${step % 250}` }], {
    to: measuredAt,
    expectation: { ...expectation, live: true },
    periodMs,
    silentAfterMs: staleAfterMs,
  });
  return addGap(settled, { from: measuredAt, to: measuredAt + secondMs });
}
