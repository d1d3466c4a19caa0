import { discoveryKey, newDiscoveryRecord } from '../model/discovery.ts';
import { pushRecords } from '../model/saved-record.ts';
import type { DiscoveryTarget } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import type { PollTarget } from '../polling/target-queue.ts';
import { createListWarnings } from './answer-warnings.ts';
import { type Collector, createCollector, presentSource } from './collector.ts';
import type { CollectorParts } from './collector-parts.ts';
import { createPendingStarts } from './pending-starts.ts';
import type { QuestionSpec } from './question-spec.ts';

/** Discovery target (an application of a domain) in the form that the poller polls. */
interface DiscoveryPollTarget extends PollTarget {
  readonly target: DiscoveryTarget;
}

/**
 * Creates the collector of live streams for an account; undefined if the account has no source for them. It
 * counts nothing: the live streams become targets of the collector of push statistics.
 */
export function createOnlineStreams(parts: CollectorParts): Collector | undefined {
  return parts.sources().online_streams && createCollector(createOnlineStreamsSpec(parts), parts);
}

function createOnlineStreamsSpec(
  parts: CollectorParts,
): QuestionSpec<DiscoveryTarget, DiscoveryPollTarget, never> {
  const { cache, clock, discovered } = parts;
  const source = () => presentSource(parts.sources().online_streams);
  const { operation } = source();
  const report = createListWarnings(parts, operation);
  const pending = createPendingStarts(clock);
  const nameOf = ({ target }: DiscoveryPollTarget) => `${target.domain}/${target.appName}`;

  /** Puts a record into the cache: the streams of the application count from one lookback before `now` on. */
  const startAt = ({ key, target }: DiscoveryPollTarget, now: EpochMs) =>
    cache.put({ ...newDiscoveryRecord(target, now), targetKey: key });

  return {
    question: 'online_streams',
    operation,
    targetsOf: ({ discovery }) => discovery,
    toPollTarget: (target) => ({ key: discoveryKey(target), target, intervalMs: target.intervalMs }),
    nameOf,
    hasPriority: () => false,
    start(pollTarget, now) {
      const known = pushRecords.read(cache.record(pollTarget.key));
      if (known !== undefined && known.frozenAt === undefined) return;
      startAt(pollTarget, now);
      pending.add(pollTarget.key, now);
    },
    update: () => undefined,
    stop: ({ key }) => pending.remove(key),
    async run(pollTarget, now, signal) {
      const { key, target } = pollTarget;
      // If the wall clock was stepped since the start, the start was wrong too.
      const startedAt = pending.adjustedStart(key, now);
      if (startedAt !== undefined) startAt(pollTarget, startedAt);
      const answer = await source().listOnlineStreams(target, signal);
      pending.remove(key);
      report(nameOf(pollTarget), answer);
      await discovered.listed(key, answer, now);
      return { isBehind: false };
    },
    listeners: [],
    toStatus: () => ({}),
  };
}
