import type { PushSeries } from '../metrics/push/push-series.ts';
import { ownSamples, type PushSample } from '../model/push-sample.ts';
import type { PushView } from '../model/push-view.ts';
import type { PushHistorySource } from '../model/questions.ts';
import { pushRecords } from '../model/saved-record.ts';
import { wasNeverPolled } from '../model/target-ledger.ts';
import type { EpochMs } from '../model/time.ts';
import { createPushRun, isDueNow, type PushPollTarget, type PushRunParts } from '../polling/push-history.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import type { Recent } from '../status/recent.ts';
import type { QuestionSpec, RowListener } from './collector.ts';
import type { CollectorParts } from './collector-parts.ts';
import { createRecordStarts } from './record-starts.ts';

export interface PushHistoryParts
  extends Pick<CollectorParts, 'account' | 'metrics' | 'clock'>,
    Pick<PushRunParts, 'effectiveIntervalMs' | 'configuredIntervalMs'> {
  /** Read for each request, because a reload can replace the source. */
  readonly source: () => PushHistorySource;
  readonly cache: RecordCache;
  readonly series: PushSeries;
  readonly recent: Recent;
}

/** What push statistics add to the generic collector: one target is one stream, shown by gauges and counters. */
export function createPushHistorySpec(parts: PushHistoryParts): QuestionSpec<PushPollTarget, PushSample> {
  const { account, source, cache, series, metrics, recent, clock } = parts;
  const starts = createRecordStarts(pushRecords, cache, clock);
  const views = new Map<string, PushView>();
  /** Streams whose series exist: a run that ends after its target was removed shows nothing. */
  const shown = new Set<string>();
  let newestSampleAt: EpochMs | undefined;
  const sawSampleAt = (at: EpochMs) => {
    newestSampleAt = Math.max(newestSampleAt ?? at, at);
  };

  const run = createPushRun({
    ...parts,
    viewOf: ({ streamKey }) => views.get(streamKey),
    onView({ streamKey }, view) {
      if (!shown.has(streamKey)) return;
      views.set(streamKey, view);
      series.setView(streamKey, view);
    },
  });

  const keepRecent: RowListener<PushPollTarget, PushSample> = ({ streamKey }, { added }) =>
    recent.add(streamKey, ownSamples(added));
  const observeDelay: RowListener<PushPollTarget, PushSample> = (_target, { added, before }, now) => {
    // During catch-up, the age of a sample says nothing about the provider's delay.
    const isCaughtUp = now - before.watermark <= 2 * parts.effectiveIntervalMs();
    for (const { measuredAt } of added) {
      if (isCaughtUp) metrics.observeSampleDelay(account, now - measuredAt);
      sawSampleAt(measuredAt);
    }
  };

  return {
    question: 'push_stats',
    operation: source().operation,
    nameOf: ({ target }) => target.stream.stream,
    hasPriority: isDueNow,
    start(pollTarget, now) {
      const { target, streamKey } = pollTarget;
      const { record, durable } = starts.start(pollTarget, now);
      shown.add(streamKey);
      series.add(target, durable.push, streamKey);
      // A target that was never polled has no watermark yet, only the start of its first window.
      if (!wasNeverPolled(record.target)) series.setWatermark(streamKey, record.target.watermark);
      if (record.push.newestAt !== undefined) sawSampleAt(record.push.newestAt);
    },
    update: ({ target }) => series.update(target),
    stop({ key, streamKey }) {
      shown.delete(streamKey);
      series.remove(streamKey);
      views.delete(streamKey);
      recent.drop(streamKey);
      starts.remove(key);
    },
    run(pollTarget, now, signal, events) {
      starts.adjust(pollTarget, now);
      return run(pollTarget, now, signal, events);
    },
    listeners: [({ key }) => starts.remove(key), keepRecent, observeDelay],
    newestSampleAt: () => newestSampleAt,
    streams: (targets) => [...targets].length,
    toStatus: ({ key, target, streamKey }, failure) => ({
      stream: {
        target,
        view: views.get(streamKey),
        ledger: () => pushRecords.read(cache.record(key))?.push,
        failure,
      },
    }),
  };
}
