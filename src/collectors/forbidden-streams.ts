import { countBans, type MissingBans, withState } from '../model/bans.ts';
import { isForbidden } from '../model/control-ledger.ts';
import { type ControlRecord, wasControlNeverPolled } from '../model/control-record.ts';
import { createControlRecords } from '../model/saved-record.ts';
import { type StreamId, streamKey } from '../model/stream.ts';
import { type ControlTarget, controlTargetKey, defaultAppName } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import type { PollTarget } from '../polling/target-queue.ts';
import { createAnswerWarnings } from './answer-warnings.ts';
import { type Collector, createCollector, presentSource } from './collector.ts';
import type { AccountTargets, CollectorParts } from './collector-parts.ts';
import type { QuestionSpec } from './question-spec.ts';

/** Domain whose bans are requested, in the form that the poller polls. */
interface BanPollTarget extends PollTarget {
  readonly target: ControlTarget;
}

/** Rows of a list are not counted, so none can be skipped for these reasons. */
const noneSkipped = { future: 0, late: 0, changed: 0, duplicate: 0 };

/** Number of bans from which counting them can take several milliseconds. */
const manyBans = 1_000;

/** Maximum number of streams whose states one run requests, and how many of them at a time. */
const maxStates = 100;
const statesAtATime = 10;

/**
 * Creates the collector of forbidden streams for an account; undefined if the account has no source for them. It has no
 * records of its own: it updates the records of the control history of the same domains.
 */
export function createForbiddenStreams(parts: CollectorParts): Collector | undefined {
  return parts.sources().forbidden_streams && createCollector(createForbiddenStreamsSpec(parts), parts);
}

function createForbiddenStreamsSpec(
  parts: CollectorParts,
): QuestionSpec<ControlTarget, BanPollTarget, never> {
  const { account, cache, metrics, streamLimit, log, clock } = parts;
  const source = () => presentSource(parts.sources().forbidden_streams);
  const { operation } = source();
  const records = createControlRecords(() => ({ actionLabels: new Set() }));
  const report = createAnswerWarnings(parts, metrics.exporter, operation, { add: () => undefined });
  /** Bans that the last complete list of a domain lacked for the first time, by target key. */
  const missing = new Map<string, MissingBans>();
  /** Keys of the records of the watched domains, by target key. */
  const watched = new Map<string, string>();
  const states = createStateRounds();
  let wasToldNotOffered = false;

  /**
   * Returns the record of a domain. Returns undefined if its control history is not collected any more, and before its
   * first answer since the start or the return of the domain: the start of the time that counts can still change.
   */
  function recordOf({ target }: BanPollTarget): ControlRecord | undefined {
    const record = records.read(cache.record(controlTargetKey(target)));
    if (record === undefined || record.frozenAt !== undefined) return undefined;
    const isStarting = wasControlNeverPolled(record) || record.target.backFrom !== undefined;
    return isStarting ? undefined : record;
  }

  /** Puts a changed record into the cache, and shows its gauges. */
  function put(before: ControlRecord, record: ControlRecord, newStreams: readonly string[], now: EpochMs) {
    if (record === before) return;
    cache.put(record);
    streamLimit.counted(record.targetKey, newStreams, now);
    // The limit can have removed streams again.
    const current = records.read(cache.record(record.targetKey));
    if (current !== undefined) metrics.control.setView(record.targetKey, current);
  }

  /** Returns the action labels that are in use by the domains of the account. */
  function actionLabels(): ReadonlySet<string> {
    const labels = new Set<string>();
    for (const key of watched.values()) {
      for (const label in records.read(cache.record(key))?.domain.actions) labels.add(label);
    }
    return labels;
  }

  /** Requests the states of streams of a domain, where there is no list. */
  async function requestStates(pollTarget: BanPollTarget, signal: AbortSignal): Promise<void> {
    const state = parts.sources().stream_state;
    const record = recordOf(pollTarget);
    if (state === undefined || record === undefined) return;
    const streams = states.next(pollTarget.target, record);
    for (let i = 0; i < streams.length; i += statesAtATime) {
      const some = streams.slice(i, i + statesAtATime);
      const answers = await Promise.all(some.map((stream) => state.isForbidden(stream, signal)));
      const now = clock.now();
      const before = recordOf(pollTarget);
      if (before === undefined) return;
      let after = before;
      for (const [n, stream] of some.entries()) {
        const answer = answers[n];
        if (answer !== undefined) after = withState(after, stream, answer, now);
      }
      put(before, after, newKeys(before, after), now);
    }
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
    stop({ key }) {
      watched.delete(key);
      missing.delete(key);
    },
    async run(pollTarget, now, signal) {
      const { key, target } = pollTarget;
      const answer = await source().listForbiddenStreams(target.domain, signal);
      if (answer === undefined) {
        if (!wasToldNotOffered) {
          log.info('the provider does not offer the list of forbidden streams to this account', {
            account: account.account,
            operation,
          });
        }
        wasToldNotOffered = true;
        await requestStates(pollTarget, signal);
        return { isBehind: false };
      }
      report(target.domain, { ...answer, skipped: noneSkipped, gap: undefined });
      // The last page was read in the same iteration of the event loop.
      if (answer.items.length >= manyBans) await clock.yieldNow();
      const before = recordOf(pollTarget);
      if (before === undefined || !watched.has(key)) return { isBehind: false };
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
    toStatus: () => ({}),
  };
}

/** Returns the key of a domain whose bans are requested. No record has it. */
function banTargetKey({ account, provider, domain }: ControlTarget): string {
  return `forbidden_streams ${JSON.stringify([account, provider, domain])}`;
}

/** Returns the keys of the streams that only the second record contains. */
function newKeys(before: ControlRecord, after: ControlRecord): readonly string[] {
  if (after.streams.size === before.streams.size) return [];
  return [...after.streams.keys()].filter((key) => !before.streams.has(key));
}

/**
 * Chooses the streams whose states are requested: those that are known as forbidden, so that a resume shows, and the
 * streams of the config, so that a ban of a stream that is not pushed shows. At most `maxStates` per run, in turn.
 */
function createStateRounds() {
  /** Streams of the config, by domain. */
  let configured: ReadonlyMap<string, readonly StreamId[]> = new Map();
  /** Positions of the next streams in turn, by domain. */
  const positions = new Map<string, { forbidden: number; configured: number }>();

  return {
    /** Sets the streams of the config. A change of discovered streams names no domains, and is ignored. */
    configure({ control, push }: AccountTargets): void {
      if (control.length === 0) return;
      const domains = new Set(control.map(({ domain }) => domain));
      const own = push.flatMap(({ stream, isDiscovered }) =>
        isDiscovered || !domains.has(stream.domain)
          ? []
          : [{ ...stream, appName: stream.appName || defaultAppName }],
      );
      configured = Map.groupBy(own, ({ domain }) => domain);
    },
    /** Returns the next streams of a domain. */
    next({ domain }: ControlTarget, { streams }: ControlRecord): readonly StreamId[] {
      const at = positions.get(domain) ?? { forbidden: 0, configured: 0 };
      const all = configured.get(domain) ?? [];
      const forbidden = [...streams.values()].filter((ledger) => isForbidden(ledger, undefined));
      const share = Math.max(maxStates / 2, maxStates - all.length);
      const first = inTurn(
        forbidden.map(({ stream }) => stream),
        at.forbidden,
        share,
      );
      const second = inTurn(all, at.configured, maxStates - first.length);
      positions.set(domain, {
        forbidden: at.forbidden + first.length,
        configured: at.configured + second.length,
      });
      return [...new Map([...first, ...second].map((stream) => [streamKey(stream), stream])).values()];
    },
  };
}

/** Returns at most `max` items, from the position `from` on, and after the last item the first ones. */
function inTurn<T>(items: readonly T[], from: number, max: number): readonly T[] {
  const start = items.length === 0 ? 0 : from % items.length;
  return [...items.slice(start), ...items.slice(0, start)].slice(0, max);
}
