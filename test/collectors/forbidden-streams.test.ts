import { expect, test } from 'vitest';
import { createRateLimiter } from '../../src/calls/rate-limit.ts';
import type { CollectorParts } from '../../src/collectors/collector-parts.ts';
import { createForbiddenAlerts } from '../../src/collectors/forbidden-alerts.ts';
import { createForbiddenStreams } from '../../src/collectors/forbidden-streams.ts';
import { createPushAlerts } from '../../src/collectors/push-alerts.ts';
import { createPushViews } from '../../src/collectors/push-views.ts';
import { createStreamLimit } from '../../src/collectors/stream-limit.ts';
import { createLog } from '../../src/log.ts';
import { type FailureKind, ProviderError } from '../../src/model/answer.ts';
import { adaptAppName, newControlRecord } from '../../src/model/control-record.ts';
import type { BanList, ForbiddenStream } from '../../src/model/questions.ts';
import { createControlRecords } from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { noAlerts } from '../../src/model/stream-alert.ts';
import { controlTargetKey } from '../../src/model/target.ts';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { controlTarget } from '../support/actions.ts';
import { collectorParts } from '../support/collectors.ts';
import { linesOf } from '../support/exposition.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { disklessParts } from '../support/record-cache.ts';
import { noon, pushTarget } from '../support/samples.ts';
import { inOneSlice } from '../support/slices.ts';

const target = controlTarget({ domain: 'push.example.com', appNames: ['live'] });
const key = controlTargetKey(target);
const records = createControlRecords(() => ({ actionLabels: new Set() }));

function ban(part: Partial<ForbiddenStream> = {}): ForbiddenStream {
  return {
    stream: 'news',
    domain: 'push.example.com',
    appName: 'live',
    forbiddenAt: noon,
    expiresAt: noon + 3_600_000,
    ...part,
  };
}

function answer(items: readonly ForbiddenStream[], isComplete = true): BanList {
  return { items, malformed: 0, isComplete, warnings: [] };
}

/** Record of a domain after its first answer. */
function polledRecord(each: typeof target) {
  const record = newControlRecord(each, noon);
  return { ...record, target: { ...record.target, watermark: noon } };
}

/**
 * Collector of one domain, or several. Its source returns `lists.current`, and `forbidden` are the states.
 */
async function setUp({ targets = [target], configured = 0, maxStreams = 1_000, hasStates = true } = {}) {
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

test('updates the record and the gauges of a domain', async () => {
  const it = await setUp();
  it.lists.current = answer([ban()]);
  await it.poll();

  expect(it.record()?.domain.actions.forbid?.count).toBe(1);
  expect(await it.forbiddenLines()).toEqual(['news 1']);

  it.lists.current = answer([]);
  await it.poll();
  await it.poll();
  expect(await it.forbiddenLines()).toEqual(['news 0']);
  expect(it.record()?.domain.actions.resume?.count).toBe(1);
});

test('lifts no ban because of an incomplete list', async () => {
  const it = await setUp();
  it.lists.current = answer([ban()]);
  await it.poll();

  it.lists.current = answer([], false);
  for (let n = 0; n < 3; n++) await it.poll();

  expect(await it.forbiddenLines()).toEqual(['news 1']);
});

test('changes no record of a domain that was removed', async () => {
  const it = await setUp();
  const record = it.record();
  if (record === undefined) throw new Error('no record');
  it.cache.put({ ...record, frozenAt: noon });
  it.lists.current = answer([ban()]);

  await it.poll();

  expect(it.record()?.streams.size).toBe(0);
});

test.each([
  ['the first answer', () => newControlRecord(target, noon)],
  [
    'the first answer after a return',
    () => {
      const record = polledRecord(target);
      return { ...record, target: { ...record.target, backFrom: noon + 1 } };
    },
  ],
])('changes no record before %s of the control history', async (_, recordOf) => {
  const it = await setUp();
  it.cache.put(recordOf());
  it.lists.current = answer([ban()]);
  await it.poll();
  expect(it.record()?.streams.size).toBe(0);

  it.cache.put(polledRecord(target));
  await it.poll();
  expect(it.record()?.streams.size).toBe(1);
});

test('changes no record before the control history has adapted it to another application', async () => {
  const it = await setUp();
  const show = { ...target, appNames: ['show'] };
  await it.apply([show]);
  it.lists.current = answer([ban({ appName: 'show', forbiddenAt: noon - 3_600_000 })]);
  await it.poll();
  expect(it.record()?.streams.size).toBe(0);

  const record = it.record();
  if (record === undefined) throw new Error('no record');
  it.cache.put(adaptAppName(record, show));
  await it.poll();
  expect(it.record()?.streams.size).toBe(1);
  expect(it.record()?.domain.actions.forbid?.count).toBe(0);
});

test('applies a ban without a domain to the only domain, and not to one of two', async () => {
  const other = { ...target, domain: 'two.example.com' };
  const [alone, two] = [await setUp(), await setUp({ targets: [target, other] })];
  for (const it of [alone, two]) {
    it.lists.current = answer([ban({ domain: undefined })]);
    await it.poll();
  }

  expect([alone, two].map((it) => it.record()?.streams.size)).toEqual([1, 0]);
  await two.apply([target]);
  await two.poll();
  expect(two.record()?.streams.size).toBe(1);
});

test('keeps to the limit on the number of streams', async () => {
  const it = await setUp({ maxStreams: 2 });
  it.lists.current = answer(['a', 'b', 'c'].map((stream) => ban({ stream })));

  await it.poll();

  expect(it.record()?.domain.actions.forbid?.count).toBe(3);
});

test('requests the states of streams if there is no list, and logs that once', async () => {
  const it = await setUp({ configured: 2 });
  it.lists.current = undefined;
  it.forbidden.add('s1');
  await it.poll();
  await it.poll();

  expect(it.requested).toEqual(['s0', 's1', 's1', 's0']);
  expect(await it.forbiddenLines()).toEqual(['s1 1']);
  expect([...(it.record()?.streams.keys() ?? [])]).toEqual([
    streamKey({ ...pushTarget().stream, domain: target.domain, appName: 'live', stream: 's1' }),
  ]);
  expect(it.log.filter((line) => line.includes('does not offer'))).toHaveLength(1);

  it.forbidden.clear();
  await it.poll();
  expect(await it.forbiddenLines()).toEqual(['s1 0']);
  expect(it.record()?.domain.actions.forbid?.count).toBe(0);
});

test('requests at most 100 states per poll, and the next streams with the next poll', async () => {
  const it = await setUp({ configured: 250 });
  it.lists.current = undefined;

  await it.poll();
  expect(it.requested).toHaveLength(100);
  await it.poll();
  await it.poll();

  expect(it.requested).toHaveLength(300);
  expect(new Set(it.requested).size).toBe(250);
});

test('requests the states of forbidden streams first, and if there are many, the next ones with the next poll', async () => {
  const it = await setUp({ configured: 200 });
  it.lists.current = answer(Array.from({ length: 120 }, (_, i) => ban({ stream: `ban${i}` })));
  await it.poll();

  it.lists.current = undefined;
  for (let n = 0; n < 120; n++) it.forbidden.add(`ban${n}`);
  for (let n = 0; n < 3; n++) await it.poll();

  const bans = it.requested.filter((name) => name.startsWith('ban'));
  expect([bans.length, new Set(bans).size]).toEqual([150, 120]);
  expect(it.requested).toHaveLength(300);
});

test.each([
  ['a response that cannot be read', 'malformed', 25],
  ['another failure', 'unavailable', 10],
] as const)('applies the other states after %s', async (_, kind, requests) => {
  const it = await setUp({ configured: 25 });
  it.lists.current = undefined;
  Object.assign(it.failing, { stream: 's3', kind });
  for (const name of ['s2', 's4']) it.forbidden.add(name);

  await it.poll();

  expect(it.requested).toHaveLength(requests);
  expect((await it.forbiddenLines()).toSorted()).toEqual(['s2 1', 's4 1']);
  expect(it.failedTargets()).toBe(1);
});

test('tells the source of the state of each domain, and logs when the list is missing and when it is back', async () => {
  const other = { ...target, domain: 'two.example.com' };
  const it = await setUp({ targets: [target, other], hasStates: false });
  const sources = (source: string | undefined) => [target, other].map(({ domain }) => [domain, source]);
  expect(it.banSources()).toEqual(sources(undefined));
  it.lists.current = undefined;
  await it.poll();
  await it.poll();

  expect(it.banSources()).toEqual(sources('actions'));
  const messages = () => it.log.filter((line) => line.includes('list of forbidden streams'));
  expect(messages()).toHaveLength(1);
  expect(messages()[0]).toContain('advice="grant it"');

  it.lists.current = answer([]);
  await it.poll();
  expect(it.banSources()).toEqual(sources('list'));
  expect(messages()).toHaveLength(2);
  expect(messages()[1]).toContain('again');

  it.lists.current = undefined;
  await it.poll();
  expect(messages()).toHaveLength(3);
});

test('forgets the source of a domain that was removed', async () => {
  const it = await setUp();
  it.lists.current = undefined;
  await it.poll();
  expect(it.banSources()).toEqual([[target.domain, 'states']]);

  await it.apply([]);
  await it.apply([target]);

  expect(it.banSources()).toEqual([[target.domain, undefined]]);
});
