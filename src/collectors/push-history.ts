import { createJudgedPushRecords } from '../model/judged-push-records.ts';
import { newestOf } from '../model/live-push.ts';
import { ownSamples, type PushSample } from '../model/push-sample.ts';
import { pushRecords } from '../model/saved-record.ts';
import type { PushTarget } from '../model/target.ts';
import { wasNeverPolled } from '../model/target-ledger.ts';
import { type EpochMs, secondMs } from '../model/time.ts';
import { createDataDelay } from '../polling/data-delay.ts';
import { createPushRun, isDueNow, type PushPollTarget, toPushPollTarget } from '../polling/push-history.ts';
import { type Collector, createCollector, presentSource } from './collector.ts';
import type { CollectorParts } from './collector-parts.ts';
import type { QuestionSpec, RowListener } from './question-spec.ts';
import { createRecordStarts } from './record-starts.ts';

type Listener = RowListener<PushPollTarget, PushSample>;

/**
 * Creates the collector of push statistics for an account; undefined if the account has no source for push
 * statistics.
 */
export function createPushHistory(parts: CollectorParts): Collector | undefined {
  return parts.sources().push_stats && createCollector(createPushHistorySpec(parts), parts);
}

/**
 * Creates the parts of the collector that are specific to push statistics. A target is a stream, which has
 * gauges and counters.
 */
function createPushHistorySpec(parts: CollectorParts): QuestionSpec<PushTarget, PushPollTarget, PushSample> {
  const { account, cache, recent, troubles, clock, pushViews: views, pushAlerts: alerts } = parts;
  const { exporter, series } = parts.metrics;
  const source = () => presentSource(parts.sources().push_stats);
  const starts = createRecordStarts(pushRecords, cache, clock);
  let newestSampleAt: EpochMs | undefined;
  const sawSampleAt = (at: EpochMs) => {
    newestSampleAt = Math.max(newestSampleAt ?? at, at);
  };

  const lateLog = createLateLog(parts);
  const delay = createDataDelay((shortestMs) => lateLog(shortestMs, expectedDelayMs));
  /** Expected delay of the account, from the config of its targets. 0 without targets. */
  let expectedDelayMs = 0;

  const judged = createJudgedPushRecords({ isOn: alerts.isOn, onLevels: alerts.setLevels });
  const polling = createPushRun({
    records: judged.records,
    source,
    cache,
    delay,
    clock,
    viewOf: ({ streamKey }) => views.get(streamKey),
    isListed: views.isListed,
    onView(target, view) {
      // If a run ends after its target was removed, the gauges are not set.
      if (!views.has(target.streamKey)) return;
      const now = clock.now();
      views.answered(target, view, now);
      alerts.judge(target, view, views.get(target.streamKey) ?? view, now);
      // During a catch-up, the newest sample is in a view and not yet among the counted samples.
      if (view.live !== undefined) sawSampleAt(newestOf(view.live));
    },
  });

  /** During a catch-up, few answers have a view, but each moves the watermark. */
  const showWatermark: Listener = ({ streamKey }, { watermark }) => series.setWatermark(streamKey, watermark);
  const keepRecent: Listener = ({ streamKey }, { added }) => recent.add(streamKey, ownSamples(added));
  const keepTroubles: Listener = ({ streamKey, target }, { added }) =>
    troubles.addSamples(streamKey, ownSamples(added), target.expectation);
  const observeDelay: Listener = (_target, { added, before }, now, { effectiveIntervalMs }) => {
    // During a catch-up, samples are old because they were requested late, so their age does not show the
    // delay at the provider.
    const isCaughtUp = now - before.watermark <= 2 * effectiveIntervalMs();
    for (const { measuredAt } of added) {
      if (isCaughtUp) exporter.observeSampleDelay(account, now - measuredAt);
      sawSampleAt(measuredAt);
    }
  };

  return {
    question: 'push_stats',
    operation: source().operation,
    targetsOf: ({ push }) => push,
    toPollTarget: toPushPollTarget,
    nameOf: ({ target }) => target.stream.stream,
    // A discovered stream appears soon, even if the rate limit is too small for all streams.
    hasPriority: (pollTarget, now) =>
      isDueNow(pollTarget, now) ||
      views.isUrgent(pollTarget.streamKey) ||
      (pollTarget.target.isDiscovered === true && views.get(pollTarget.streamKey) === undefined),
    start(pollTarget, now) {
      const { key, target, streamKey } = pollTarget;
      const { record, durable } = starts.start(pollTarget, now);
      views.add(pollTarget);
      parts.streamLimit.placed(streamKey);
      alerts.add(pollTarget, record, now);
      series.add(target, durable.push, streamKey);
      // A target that was never polled has no watermark yet: the field contains the start of its first
      // request window.
      if (!wasNeverPolled(record.target)) series.setWatermark(streamKey, record.target.watermark);
      if (record.push.newestAt !== undefined) sawSampleAt(record.push.newestAt);
      expectedDelayMs = target.expectedDelayMs;
      if (!pushRecords.wasNeverPolled(record)) {
        const { floor, watermark } = record.target;
        delay.resume(key, record.push, { from: floor, to: watermark });
      }
    },
    update(pollTarget) {
      const { target } = pollTarget;
      views.update(pollTarget);
      expectedDelayMs = target.expectedDelayMs;
      series.update(target);
    },
    stop(pollTarget) {
      const { key, streamKey } = pollTarget;
      views.remove(pollTarget);
      alerts.remove(pollTarget);
      judged.forget(key);
      series.remove(streamKey);
      recent.drop(streamKey);
      troubles.drop(streamKey);
      polling.forget(key);
      starts.remove(key);
    },
    async run(pollTarget, now, signal, context) {
      views.polled(pollTarget.streamKey);
      starts.adjust(pollTarget, now);
      try {
        return await polling.run(pollTarget, now, signal, context);
      } finally {
        // The target was removed during the run.
        if (!views.has(pollTarget.streamKey)) {
          polling.forget(pollTarget.key);
          alerts.remove(pollTarget);
          judged.forget(pollTarget.key);
        }
      }
    },
    listeners: [({ key }) => starts.remove(key), showWatermark, keepRecent, keepTroubles, observeDelay],
    newestSampleAt: () => newestSampleAt,
    publishersDropped: () => views.publishersDropped(clock.now()),
    delayState(now) {
      return { effectiveDelayMs: delay.effectiveMs(expectedDelayMs), lagMs: delay.lagMs(now) };
    },
    toStatus: ({ key, target, streamKey }, failure) => ({
      stream: {
        key: streamKey,
        target,
        view: views.get(streamKey),
        ledger: () => pushRecords.read(cache.record(key))?.push,
        failure,
      },
    }),
  };
}

/**
 * Creates the function that logs once that all samples of a time slot were later than the expected delay. The
 * log contains the config line that removes the warning.
 */
function createLateLog({ account, log }: Pick<CollectorParts, 'account' | 'log'>) {
  let isLogged = false;
  return (shortestMs: number, expectedMs: number): void => {
    if (isLogged || shortestMs <= expectedMs) return;
    isLogged = true;
    const seconds = Math.ceil(shortestMs / secondMs);
    log.warn('samples arrive later than expected_delay: set expected_delay of the account', {
      account: account.account,
      observed_s: seconds,
      expected_s: Math.round(expectedMs / secondMs),
      config: `expected_delay: {push_stats: ${seconds}s}`,
    });
  };
}
