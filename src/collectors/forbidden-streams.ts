import { ProviderError } from '../model/answer.ts';
import { countBans, type MissingBans, withState } from '../model/bans.ts';
import { adaptAppName, type ControlRecord, wasControlNeverPolled } from '../model/control-record.ts';
import { removedKeys } from '../model/layered-map.ts';
import { createControlRecords } from '../model/saved-record.ts';
import { type ControlTarget, controlTargetKey } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import type { PollTarget } from '../polling/target-queue.ts';
import { createListWarnings } from './answer-warnings.ts';
import { createBanSources } from './ban-sources.ts';
import { type Collector, createCollector, presentSource } from './collector.ts';
import type { CollectorParts } from './collector-parts.ts';
import type { QuestionSpec } from './question-spec.ts';
import { createStateSelection } from './state-selection.ts';

/** Domain whose bans are requested, in the form that the poller polls. */
interface BanPollTarget extends PollTarget {
  readonly target: ControlTarget;
}

/** Number of bans from which counting them can take several milliseconds. */
const manyBans = 1_000;

/** Number of streams whose states are requested at the same time. */
const statesAtATime = 10;

/**
 * Creates the collector of forbidden streams for an account; undefined if the account has no source for them.
 * It has no records of its own: it updates the records of the control history of the same domains.
 */
export function createForbiddenStreams(parts: CollectorParts): Collector | undefined {
  return parts.sources().forbidden_streams && createCollector(createForbiddenStreamsSpec(parts), parts);
}

function createForbiddenStreamsSpec(
  parts: CollectorParts,
): QuestionSpec<ControlTarget, BanPollTarget, never> {
  const { account, cache, metrics, streamLimit, log, clock, forbiddenAlerts } = parts;
  const source = () => presentSource(parts.sources().forbidden_streams);
  const { operation } = source();
  const records = createControlRecords(() => ({ actionLabels: new Set() }));
  const report = createListWarnings(parts, operation);
  /** Bans that the last complete list of a domain lacked for the first time, by target key. */
  const missing = new Map<string, MissingBans>();
  /** Keys of the records of the watched domains, by target key. */
  const watched = new Map<string, string>();
  const states = createStateSelection();
  const banSources = createBanSources({ log, account: account.account, operation });

  /**
   * Returns the record of a domain if it can be updated. Returns undefined in these cases:
   *
   * - The domain was removed from the config.
   * - Since the start or the return of the domain, its control history has no answer: the time from which
   *   actions count can still change.
   * - The config has another application, and the control history was not requested since then: the record
   *   still belongs to the old application, so bans in the new one would count from too early on.
   */
  function recordOf({ key, target }: BanPollTarget): ControlRecord | undefined {
    const record = records.read(cache.record(controlTargetKey(target)));
    if (record === undefined || record.frozenAt !== undefined || !watched.has(key)) return undefined;
    const isStarting = wasControlNeverPolled(record) || record.target.backFrom !== undefined;
    return isStarting || adaptAppName(record, target) !== record ? undefined : record;
  }

  /** Puts a changed record into the cache, and shows its gauges. */
  function put(before: ControlRecord, record: ControlRecord, newStreams: readonly string[], now: EpochMs) {
    if (record === before) return;
    cache.put(record);
    streamLimit.counted(record.targetKey, newStreams, now);
    // The limit can have removed streams again.
    const current = records.read(cache.record(record.targetKey));
    if (current === undefined) return;
    metrics.control.setView(record.targetKey, current);
    forbiddenAlerts.set(record.targetKey, current, now);
  }

  /** Returns the action labels that are in use by the domains of the account. */
  function actionLabels(): ReadonlySet<string> {
    const labels = new Set<string>();
    for (const key of watched.values()) {
      for (const label in records.read(cache.record(key))?.domain.actions) labels.add(label);
    }
    return labels;
  }

  /**
   * Requests the states of streams of a domain, where there is no list. A response that cannot be read
   * concerns a single stream, so the other streams are still requested. Any other failure ends the run.
   * Rejects with the first failure.
   */
  async function requestStates(pollTarget: BanPollTarget, signal: AbortSignal): Promise<void> {
    const state = parts.sources().stream_state;
    const record = recordOf(pollTarget);
    if (state === undefined || record === undefined) return;
    const streams = states.next(pollTarget.target, record);
    let failure: unknown;
    for (let i = 0; i < streams.length; i += statesAtATime) {
      const some = streams.slice(i, i + statesAtATime);
      const now = clock.now();
      const answers = await Promise.allSettled(some.map((stream) => state.isForbidden(stream, signal)));
      const before = recordOf(pollTarget);
      if (before === undefined) return;
      let after = before;
      for (const [n, stream] of some.entries()) {
        const answer = answers[n];
        if (answer?.status !== 'fulfilled' || answer.value === undefined) continue;
        after = withState(after, stream, answer.value, now);
      }
      put(before, after, newKeys(before, after), now);
      const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
      failure ??= reasons[0];
      if (!reasons.every(isUnreadable)) break;
    }
    if (failure !== undefined) throw failure;
  }

  return {
    question: 'forbidden_streams',
    operation,
    targetsOf(targets) {
      states.configure(targets);
      return targets.control;
    },
    toPollTarget: (target) => ({ key: banTargetKey(target), target, intervalMs: target.intervalMs }),
    nameOf: ({ target }) => target.domain,
    hasPriority: () => false,
    start: ({ key, target }) => void watched.set(key, controlTargetKey(target)),
    update: () => undefined,
    stop({ key, target }) {
      watched.delete(key);
      states.remove(target);
      banSources.remove(key);
      missing.delete(key);
    },
    async run(pollTarget, now, signal) {
      const { key, target } = pollTarget;
      const answer = await source().listForbiddenStreams(target.domain, signal);
      if (answer === undefined) {
        const other = parts.sources().stream_state === undefined ? 'actions' : 'states';
        if (watched.has(key)) banSources.notListed(key, other, source().notOfferedAdvice);
        await requestStates(pollTarget, signal);
        return { isBehind: false };
      }
      if (watched.has(key)) banSources.listed(key);
      report(target.domain, answer);
      // The last page was read in the same iteration of the event loop.
      if (answer.items.length >= manyBans) await clock.yieldNow();
      const before = recordOf(pollTarget);
      if (before === undefined) return { isBehind: false };
      const counted = countBans(
        before,
        answer.items,
        target,
        {
          now,
          countedActions: source().countedActions,
          isComplete: answer.isComplete,
          isOnlyDomain: watched.size === 1,
          actionLabels: actionLabels(),
        },
        missing.get(key) ?? new Map(),
      );
      missing.set(key, counted.missing);
      put(before, counted.record, counted.newStreams, now);
      return { isBehind: false };
    },
    listeners: [],
    toStatus: ({ key, target }) => ({ bans: { target, source: banSources.of(key) } }),
  };
}

/** Returns the key of a domain whose bans are requested. No record has it. */
function banTargetKey({ account, provider, domain }: ControlTarget): string {
  return `forbidden_streams ${JSON.stringify([account, provider, domain])}`;
}

/** Returns the keys of the streams that only the second record contains. */
function newKeys(before: ControlRecord, after: ControlRecord): readonly string[] {
  if (after.streams.size === before.streams.size) return [];
  return [...removedKeys(after.streams, before.streams)];
}

function isUnreadable(error: unknown): boolean {
  return error instanceof ProviderError && error.kind === 'malformed';
}
