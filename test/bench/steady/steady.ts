import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { createRateLimiter } from '../../../src/calls/rate-limit.ts';
import { createForbiddenAlerts } from '../../../src/collectors/forbidden-alerts.ts';
import { createPushAlerts } from '../../../src/collectors/push-alerts.ts';
import { createPushHistory } from '../../../src/collectors/push-history.ts';
import { createPushViews } from '../../../src/collectors/push-views.ts';
import { createStreamLimit } from '../../../src/collectors/stream-limit.ts';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import type { PushSample } from '../../../src/model/push-sample.ts';
import type { PushHistorySource } from '../../../src/model/questions.ts';
import { pushLeftZero } from '../../../src/model/saved-record.ts';
import { createSlices } from '../../../src/model/slices.ts';
import { noAlerts } from '../../../src/model/stream-alert.ts';
import { type PushTarget, pushTargetKey, pushTargetKeyOf } from '../../../src/model/target.ts';
import { dayMs, hourMs, secondMs } from '../../../src/model/time.ts';
import { createRecordCache, type RecordCache } from '../../../src/polling/record-cache.ts';
import { createRecent } from '../../../src/status/recent.ts';
import { createRequestLog } from '../../../src/status/request-log.ts';
import { createTroubles } from '../../../src/status/troubles.ts';
import { createStateClient } from '../../../src/store/state-client.ts';
import { oneSlice } from '../../support/exposition.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { noon, pushSample, pushTarget, streamId } from '../../support/samples.ts';
import { createLocalStorage } from '../../support/storage.ts';

export interface SteadySettings {
  readonly hours: number;
  readonly streams: number;
  /** Interval of the measurements. */
  readonly everyHours: number;
  /** Collects all garbage. Without it, heap figures mean little. */
  readonly collectGarbage: () => void;
  readonly onMeasured: (measured: Measured) => void;
}

/** Memory and state of the exporter at one hour. Megabytes are millions of bytes. */
export interface Measured {
  readonly hour: number;
  /** Heap after a garbage collection. */
  readonly heapMegabytes: number;
  /** Memory outside the heap: series tables, recent samples, cached compressed tables. */
  readonly bufferMegabytes: number;
  /** Rows in the state file: one per record. */
  readonly rows: number;
  /** Includes the write-ahead log and the journal. */
  readonly fileMegabytes: number;
  /** Streams in the last scrape. */
  readonly streamsShown: number;
}

/** One of this many streams is replaced each hour. */
const replacedOneIn = 10;
/** Between scrapes, counters leave 0 after the maximum zero hold. */
const scrapeEveryHours = 6;
/**
 * The number of records of removed streams is constant from hour 11 on, long before the first measurement.
 */
const stateRetentionMs = 10 * hourMs;
/** New samples per response: those of the minute before the last ten seconds. */
const samplesEach = 12;
const periodMs = 5 * secondMs;
const delayMs = 10 * secondMs;

const account = { account: 'tencent', provider: 'tencent' } as const;
const operation = 'ListPushes';
const quiet = () => {};

/**
 * Simulates hours of an exporter as fast as possible: one collector with ledgers, record cache, state file
 * and series, scraped from time to time and reloaded each hour with a tenth of its streams replaced. Without
 * HTTP.
 */
export async function runSteady(settings: SteadySettings): Promise<readonly Measured[]> {
  const { hours, streams, everyHours, collectGarbage, onMeasured } = settings;
  const directory = mkdtempSync(join(tmpdir(), 'livestream-steady-'));
  const clock = createManualClock(noon);
  const yieldNow = async () => void (await nextIteration());
  const port = createLocalStorage(quiet);
  await port.call('open', { directory, now: noon, pid: process.pid, startedAt: '' });
  const state = createStateClient(port, yieldNow);
  try {
    const metrics = createMetrics({
      clientIp: { show: 'full', on: 'gauges' },
      clock: { ...clock, yieldNow },
      version: '0.0.0',
      nodeVersion: process.version,
      onRelease(streamKeys) {
        for (const key of streamKeys) {
          const record = cache.record(pushTargetKeyOf(key));
          if (record?.question === 'push_stats') cache.put(pushLeftZero(record));
        }
      },
      onControlRelease: quiet,
    });
    metrics.exporter.addAccount(account, { push_stats: delayMs });
    metrics.exporter.addOperation({ ...account, operation });
    const cache: RecordCache = createRecordCache({
      load: async (keys, now) => (await state.load(keys, now)).records,
      saveBatch: state.save,
      freeze: state.freeze,
      onEvicted: state.forget,
      liveKeys: state.liveKeys,
      maintainStore: state.maintain,
      publish(record) {
        if (record.question === 'push_stats') metrics.series.setLedger(record.streamKey, record.push);
      },
      onSaved: metrics.exporter.setStateSaved,
      onUnpublished(error) {
        throw error;
      },
      onFailed(error) {
        throw error;
      },
      yieldNow,
    });
    const source = createSource();
    const limiter = createRateLimiter(20, clock);
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const collector = createPushHistory({
      account,
      limiterOf: () => limiter,
      sources: () => ({ push_stats: source }),
      metrics,
      cache,
      recent: createRecent(),
      troubles: createTroubles(),
      requests: createRequestLog(),
      streamLimit: createStreamLimit(quiet),
      discovered: { listed: async () => {}, exclusively: (task) => task() },
      pushViews: createPushViews({
        account,
        log,
        series: metrics.series,
        expedite: quiet,
        inSlices: createSlices(oneSlice),
      }),
      pushPolling: { effectiveIntervalMs: () => 0 },
      pushAlerts: createPushAlerts({ sink: noAlerts, cache }),
      forbiddenAlerts: createForbiddenAlerts(noAlerts, () => ({})),
      log,
      clock,
      signal: new AbortController().signal,
    });
    if (collector === undefined) throw new Error('there is a source');

    const scrape = async () => {
      const { body, completed } = await metrics.serveScrape({
        accept: undefined,
        acceptEncoding: undefined,
        peer: '127.0.0.1',
        userAgent: 'Prometheus',
        timeoutSeconds: 10,
      });
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      completed();
      return Buffer.concat(chunks).toString().split('\nlivestream_push_samples_total{').length - 1;
    };

    const measured: Measured[] = [];
    let streamsShown = 0;
    let targets = Array.from({ length: streams }, (_, i) => target(0, i));
    for (let hour = 0; hour <= hours; hour++) {
      const replaced = hour === 0 ? 0 : Math.ceil(streams / replacedOneIn);
      targets = [...targets.slice(replaced), ...Array.from({ length: replaced }, (_, i) => target(hour, i))];
      // Like a reload.
      await cache.load(targets.map(pushTargetKey), clock.now());
      await collector.apply(
        { push: targets, control: [], discovery: [] },
        clock.now(),
        createSlices(oneSlice),
      );
      cache.retainOnly(new Set(targets.map(pushTargetKey)), clock.now(), stateRetentionMs);
      await cache.flush(clock.now());
      await clock.advance(hourMs);
      await maintain(cache, clock.now());
      for (let before = -1; before !== source.calls(); ) {
        before = source.calls();
        await collector.poller.start(clock.now());
      }
      await metrics.expire(clock.now());
      collector.setState();
      await cache.flush(clock.now());
      if (hour % scrapeEveryHours === 0) streamsShown = await scrape();
      await cache.flush(clock.now());
      if (hour % everyHours !== 0 || hour === 0) continue;
      // Twice, because buffers are freed some time after their objects.
      collectGarbage();
      await yieldNow();
      collectGarbage();
      const now = { ...measure(directory), hour, streamsShown };
      measured.push(now);
      onMeasured(now);
    }
    return measured;
  } finally {
    await state.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Returns a sentence for each quantity that grew by more than a tenth from the first to the last measurement.
 */
export function grown(measured: readonly Measured[]): readonly string[] {
  const [first] = measured;
  const last = measured.at(-1);
  if (first === undefined || last === undefined) return ['no measurement'];
  return (['heapMegabytes', 'bufferMegabytes', 'rows', 'fileMegabytes'] as const)
    .filter((what) => last[what] > first[what] * 1.1)
    .map(
      (what) =>
        `${what} grew from ${first[what]} at hour ${first.hour} to ${last[what]} at hour ${last.hour}`,
    );
}

/** Returns names of all lengths, because a freed text slot fits only texts of its own length. */
function target(hour: number, i: number): PushTarget {
  const stream = `${'x'.repeat(1 + ((hour * 7 + i * 13) % 48))}-${hour}-${i}`;
  return pushTarget({ stream: streamId({ stream }), intervalMs: hourMs, expectedDelayMs: delayMs });
}

/**
 * Returns the samples of the last minute of the hour for every stream, all of which its ledger has to store.
 */
function createSource(): PushHistorySource & { calls(): number } {
  let calls = 0;
  return {
    operation,
    limits: { spanMs: 2 * hourMs, retentionMs: 3 * dayMs, periodMs },
    calls: () => calls,
    async listPushSamples({ stream }, window) {
      calls++;
      return {
        items: lastMinute(stream, Math.floor(window.to / hourMs) * hourMs),
        malformed: 0,
        warnings: [],
      };
    },
  };
}

/** Completes the background work of an hour. */
async function maintain(cache: RecordCache, now: number): Promise<void> {
  const steps = 40;
  for (let i = steps; i > 0; i--) await cache.maintain(now - i);
}

function lastMinute(stream: string, hourAt: number): PushSample[] {
  return Array.from({ length: samplesEach }, (_, i) =>
    pushSample({
      measuredAt: hourAt - delayMs - i * periodMs,
      // A new string in each response, as from a parser.
      clientIp: `192.0.2.${stream.length}`,
      framesPerSecond: 25 + (i % 3) / 10,
      bitsPerSecond: 2_000_000 + i,
    }),
  );
}

function measure(directory: string) {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const files = readdirSync(directory).map((file) => statSync(join(directory, file)).size);
  const database = new DatabaseSync(join(directory, 'state.db'), { readOnly: true });
  const rows = Number(database.prepare('SELECT count(*) AS rows FROM ledgers').get()?.rows);
  database.close();
  return {
    heapMegabytes: megabytes(heapUsed),
    bufferMegabytes: megabytes(arrayBuffers),
    rows,
    fileMegabytes: megabytes(files.reduce((sum, size) => sum + size, 0)),
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}
