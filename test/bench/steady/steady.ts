import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turnLoop } from 'node:timers/promises';
import { createRateLimiter } from '../../../src/calls/rate-limit.ts';
import { createPushHistory } from '../../../src/collectors/push-history.ts';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import type { PushSample } from '../../../src/model/push-sample.ts';
import type { PushHistorySource } from '../../../src/model/questions.ts';
import { pushLeftZero } from '../../../src/model/saved-record.ts';
import { createSlices } from '../../../src/model/slices.ts';
import { type PushTarget, pushTargetKey, pushTargetKeyOf } from '../../../src/model/target.ts';
import { dayMs, hourMs, secondMs } from '../../../src/model/time.ts';
import { createRecordCache, type RecordCache } from '../../../src/polling/record-cache.ts';
import { createRecent } from '../../../src/status/recent.ts';
import { openStateStore } from '../../../src/store/state-store.ts';
import { inOneBreath } from '../../support/exposition.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { noon, pushSample, pushTarget, streamId } from '../../support/samples.ts';

export interface SteadySettings {
  readonly hours: number;
  readonly streams: number;
  /** Every so many hours the memory is measured. */
  readonly everyHours: number;
  /** Collects all garbage; where it can't be asked for, heap figures say little. */
  readonly collectGarbage: () => void;
  readonly onMeasured: (measured: Measured) => void;
}

/** What the exporter holds at one hour. Megabytes are millions of bytes. */
export interface Measured {
  readonly hour: number;
  /** Objects, after all garbage was collected. */
  readonly heapMegabytes: number;
  /** Series tables, recent minutes, the kept rendering: memory outside the heap. */
  readonly bufferMegabytes: number;
  /** In the state file: two for each record. */
  readonly rows: number;
  /** With its write-ahead log. */
  readonly fileMegabytes: number;
  /** Streams on the last scrape. */
  readonly streamsShown: number;
}

/** One in so many streams is replaced each hour. */
const replacedOneIn = 10;
/** Counters of the hours between leave 0 after the longest wait, the others because they were seen. */
const scrapeEveryHours = 6;
/** So that the number of frozen records is steady from hour 11 on, long before the first measure. */
const stateRetentionMs = 10 * hourMs;
/** One answer of a stream brings so many new samples: those of the minute before the last ten seconds. */
const samplesEach = 12;
const periodMs = 5 * secondMs;
const delayMs = 10 * secondMs;

const account = { account: 'tencent', provider: 'tencent' } as const;
const operation = 'ListPushes';
const quiet = () => {};

/**
 * Hours of an exporter's life as fast as they go: the collection of one account with its ledgers, keeper, state file and
 * series, scraped now and then and reloaded each hour with a tenth of its streams replaced. No HTTP.
 */
export async function runSteady(settings: SteadySettings): Promise<readonly Measured[]> {
  const { hours, streams, everyHours, collectGarbage, onMeasured } = settings;
  const folder = mkdtempSync(join(tmpdir(), 'livestream-steady-'));
  const clock = createManualClock(noon);
  const { store } = openStateStore(folder, noon);
  const yieldNow = async () => void (await turnLoop());
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
      records: [],
      saveBatch: store.save,
      remove: store.remove,
      publish(record) {
        if (record.question === 'push_stats') metrics.series.setLedger(record.streamKey, record.push);
      },
      onSaved: metrics.exporter.setStateSaved,
      onFailed(error) {
        throw error;
      },
      yieldNow,
    });
    const source = createSource();
    const limiter = createRateLimiter(20, clock);
    const collector = createPushHistory({
      account,
      limiterOf: () => limiter,
      sources: () => ({ push_stats: source }),
      metrics,
      cache,
      recent: createRecent(),
      streamLimit: { free: () => 0, drop: quiet },
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
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
      // As a reload does.
      await collector.apply({ push: targets, control: [] }, clock.now(), createSlices(inOneBreath));
      cache.retainOnly(new Set(targets.map(pushTargetKey)), clock.now(), stateRetentionMs);
      await cache.flush(clock.now());
      await clock.advance(hourMs);
      for (let before = -1; before !== source.calls(); ) {
        before = source.calls();
        await collector.poller.start(clock.now());
      }
      metrics.expire(clock.now());
      collector.setState();
      await cache.flush(clock.now());
      if (hour % scrapeEveryHours === 0) streamsShown = await scrape();
      await cache.flush(clock.now());
      if (hour % everyHours !== 0 || hour === 0) continue;
      // Twice, since buffers are given back some time after their objects.
      collectGarbage();
      await yieldNow();
      collectGarbage();
      const now = { ...measure(folder), hour, streamsShown };
      measured.push(now);
      onMeasured(now);
    }
    return measured;
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What grew by more than a tenth between the first measure and the last, in a sentence each. */
export function grown(measured: readonly Measured[]): readonly string[] {
  const [first] = measured;
  const last = measured.at(-1);
  if (first === undefined || last === undefined) return ['nothing was measured'];
  return (['heapMegabytes', 'bufferMegabytes', 'rows', 'fileMegabytes'] as const)
    .filter((what) => last[what] > first[what] * 1.1)
    .map(
      (what) =>
        `${what} grew from ${first[what]} at hour ${first.hour} to ${last[what]} at hour ${last.hour}`,
    );
}

/** Names of all lengths, since the text of a stream that ended leaves room for one of its own length only. */
function target(hour: number, i: number): PushTarget {
  const stream = `${'x'.repeat(1 + ((hour * 7 + i * 13) % 48))}-${hour}-${i}`;
  return pushTarget({ stream: streamId({ stream }), intervalMs: hourMs, expectedDelayMs: delayMs });
}

/** Tells of every stream the samples of the last minute of the hour, so that its ledger has to remember all of them. */
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

function lastMinute(stream: string, hourAt: number): PushSample[] {
  return Array.from({ length: samplesEach }, (_, i) =>
    pushSample({
      measuredAt: hourAt - delayMs - i * periodMs,
      // Made anew in each answer, as a parser does.
      clientIp: `192.0.2.${stream.length}`,
      framesPerSecond: 25 + (i % 3) / 10,
      bitsPerSecond: 2_000_000 + i,
    }),
  );
}

function measure(folder: string) {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const files = ['state.db', 'state.db-wal'].map((file) => statSync(join(folder, file)).size);
  const database = new DatabaseSync(join(folder, 'state.db'), { readOnly: true });
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
