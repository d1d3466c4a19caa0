import { createRateLimiter } from '../../src/calls/rate-limit.ts';
import type { CollectorParts } from '../../src/collectors/collector-parts.ts';
import { createForbiddenAlerts } from '../../src/collectors/forbidden-alerts.ts';
import { createForbiddenStreams } from '../../src/collectors/forbidden-streams.ts';
import { createPushAlerts } from '../../src/collectors/push-alerts.ts';
import { createPushViews } from '../../src/collectors/push-views.ts';
import { createStreamLimit } from '../../src/collectors/stream-limit.ts';
import { createLog } from '../../src/log.ts';
import { type FailureKind, ProviderError } from '../../src/model/answer.ts';
import { newControlRecord } from '../../src/model/control-record.ts';
import type { BanList, ForbiddenStream } from '../../src/model/questions.ts';
import { createControlRecords } from '../../src/model/saved-record.ts';
import { noAlerts } from '../../src/model/stream-alert.ts';
import { controlTargetKey } from '../../src/model/target.ts';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { controlTarget } from './actions.ts';
import { collectorParts } from './collectors.ts';
import { linesOf } from './exposition.ts';
import { createManualClock } from './manual-clock.ts';
import { disklessParts } from './record-cache.ts';
import { noon, pushTarget } from './samples.ts';
import { inOneSlice } from './slices.ts';

/** Domain of the collector. */
export const target = controlTarget({ domain: 'push.example.com', appNames: ['live'] });
const key = controlTargetKey(target);
const records = createControlRecords(() => ({ actionLabels: new Set() }));

export function ban(part: Partial<ForbiddenStream> = {}): ForbiddenStream {
  return {
    stream: 'news',
    domain: 'push.example.com',
    appName: 'live',
    forbiddenAt: noon,
    expiresAt: noon + 3_600_000,
    ...part,
  };
}

export function answer(items: readonly ForbiddenStream[], isComplete = true): BanList {
  return { items, malformed: 0, isComplete, warnings: [] };
}

/** Record of a domain after its first answer. */
export function polledRecord(each: typeof target) {
  const record = newControlRecord(each, noon);
  return { ...record, target: { ...record.target, watermark: noon } };
}

/**
 * Collector of one domain, or several. Its source returns `lists.current`, and `forbidden` are the states.
 */
export async function setUpForbiddenStreams({
  targets = [target],
  configured = 0,
  maxStreams = 1_000,
  hasStates = true,
} = {}) {
  const clock = createManualClock(noon);
  const common = collectorParts(clock);
  const log: string[] = [];
  const cache = createRecordCache(disklessParts);
  const lists: { current: BanList | undefined } = { current: answer([]) };
  const forbidden = new Set<string>();
  const requested: string[] = [];
  const failing: { stream: string | undefined; kind: FailureKind } = { stream: undefined, kind: 'malformed' };
  const streamLimit = createStreamLimit(() => {});
  streamLimit.reset(maxStreams, 0);
  const account = { account: target.account, provider: target.provider };
  const parts: CollectorParts = {
    ...common,
    log: createLog({ level: 'info', format: 'logfmt', write: (line) => log.push(line), now: clock.now }),
    account,
    cache,
    limiterOf: () => createRateLimiter(1_000, clock),
    sources: () => ({
      forbidden_streams: {
        operation: 'ListBans',
        countedActions: ['forbid', 'resume'],
        notOfferedAdvice: 'grant it',
        listForbiddenStreams: async () => lists.current,
      },
      ...(hasStates && {
        stream_state: {
          operation: 'GetState',
          async isForbidden({ stream }: { readonly stream: string }) {
            requested.push(stream);
            if (stream === failing.stream) throw new ProviderError(failing.kind, 'failed');
            return stream === 'unknown' ? undefined : forbidden.has(stream);
          },
        },
      }),
    }),
    streamLimit,
    discovered: { listed: async () => {}, exclusively: (task) => task() },
    pushViews: createPushViews({
      account,
      log: common.log,
      series: common.metrics.series,
      expedite: () => {},
      inSlices: inOneSlice,
    }),
    pushPolling: { effectiveIntervalMs: () => 0 },
    pushAlerts: createPushAlerts({ sink: noAlerts, cache }),
    forbiddenAlerts: createForbiddenAlerts(noAlerts, () => ({})),
    signal: new AbortController().signal,
  };
  common.metrics.exporter.addAccount(account, {});
  for (const each of targets) {
    const record = polledRecord(each);
    cache.put(record);
    common.metrics.control.add(each, record);
  }
  const collector = createForbiddenStreams(parts);
  if (collector === undefined) throw new Error('no source');
  const push = Array.from({ length: configured }, (_, i) =>
    pushTarget({ stream: { ...pushTarget().stream, domain: target.domain, appName: '', stream: `s${i}` } }),
  );
  const discovered = pushTarget({
    stream: { ...pushTarget().stream, domain: target.domain, stream: 'found' },
    isDiscovered: true,
  });
  await collector.apply({ control: targets, push: [...push, discovered], discovery: [] }, noon, inOneSlice);
  return {
    cache,
    lists,
    forbidden,
    requested,
    failing,
    log,
    async poll() {
      await clock.advance(30_000);
      await collector.poller.start(clock.now());
    },
    apply: (control: typeof targets) =>
      collector.apply({ control, push: [], discovery: [] }, clock.now(), inOneSlice),
    banSources: () => [...collector.statuses()].map(({ bans }) => [bans?.target.domain, bans?.source]),
    failedTargets: () => collector.poller.state().failing,
    record: (recordKey = key) => records.read(cache.record(recordKey)),
    async forbiddenLines() {
      await common.metrics.control.updated();
      const lines = await linesOf(common.metrics.control.tables, 'livestream_control_forbidden');
      return lines.map((line) => `${/stream="([^"]*)"/.exec(line)?.[1]} ${line.split(' ')[1]}`);
    },
  };
}
