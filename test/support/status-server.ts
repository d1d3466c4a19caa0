import { createViews } from '../../src/app/views.ts';
import { systemClock } from '../../src/clock.ts';
import { controlActions } from '../../src/model/control-action.ts';
import { type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { streamKey } from '../../src/model/stream.ts';
import { pushTargetKeyOf } from '../../src/model/target.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import type {
  AccountInput,
  CollectorInput,
  DomainInput,
  ExporterInput,
  StreamInput,
} from '../../src/status/inputs.ts';
import { createRecent } from '../../src/status/recent.ts';
import { createRequestLog } from '../../src/status/request-log.ts';
import { createTroubles } from '../../src/status/troubles.ts';
import { controlAction, controlTarget } from './actions.ts';
import { alwaysLive, noon, pushSample, pushTarget, samplesBetween, streamId } from './samples.ts';

const minuteMs = 60_000;

/** A stream of a fake fleet. Its state began `minutes` ago. */
export interface FakeStream {
  readonly name: string;
  readonly state: 'missing' | 'degraded' | 'unknown' | 'up' | 'not_pushed' | 'recovered';
  readonly minutes?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly domain?: string;
  /** Whether samples are missing from 200 to 150 seconds ago. */
  readonly hasGap?: boolean;
}

/** Returns `count` streams that are up: `channel-001`, `channel-002` and so on. */
export function upStreams(count: number): readonly FakeStream[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `channel-${String(i + 1).padStart(3, '0')}`,
    state: 'up',
    minutes: 60 + i,
  }));
}

export interface StatusServerOptions {
  readonly streams: readonly FakeStream[];
  readonly domains?: readonly DomainInput[];
  readonly exporter?: Partial<ExporterInput>;
  /** Age in ms of the last success of the collector of push statistics; two seconds by default. */
  readonly lastSuccessMs?: number;
  readonly telemetryPath?: string;
}

export type StatusServer = Awaited<ReturnType<typeof startStatusServer>>;

/**
 * Starts the server with the real views of a fake fleet. Its wall clock stands at noon. `set` replaces the streams,
 * so that a refresh shows other states.
 */
export async function startStatusServer(options: StatusServerOptions) {
  const recent = createRecent();
  const troubles = createTroubles();
  const requests = createRequestLog();
  let inputs = new Map<string, StreamInput>();
  const set = (streams: readonly FakeStream[]) => {
    inputs = new Map(streams.map((stream, i) => fill(stream, i)));
  };

  function fill(fake: FakeStream, number: number): readonly [string, StreamInput] {
    const id = streamId({ stream: fake.name, domain: fake.domain ?? 'push.example.com' });
    const key = streamKey(id);
    const target = pushTarget({ stream: id, labels: fake.labels ?? {} });
    recent.drop(key);
    troubles.drop(key);
    const samples = samplesOf(fake, number);
    recent.add(key, samples);
    troubles.addSamples(key, samples, target.expectation);
    const newest = samples.at(-1);
    const since = noon - (fake.minutes ?? 60) * minuteMs;
    if (fake.state === 'recovered') {
      troubles.addMissing(key, { from: noon - 50 * minuteMs, to: noon - 42 * minuteMs, ms: 8 * minuteMs });
    }
    for (let i = 5; i > 0; i--) requests.add(pushTargetKeyOf(key), noon - i * 5_000, outcomeOf(fake, i));
    const failure = { kind: 'unavailable', message: 'tencent X: no answer within 10 s', at: noon };
    return [
      pushTargetKeyOf(key),
      {
        key,
        target: fake.state === 'not_pushed' ? withoutSchedule(target) : target,
        view: viewOf(fake, newest, since),
        ledger: () => ({ ...newPushLedger(noon - 60 * minuteMs), newestAt: newest?.measuredAt ?? since }),
        failure: fake.state === 'unknown' ? failure : undefined,
      },
    ];
  }

  set(options.streams);
  const collector: CollectorInput = {
    question: 'push_stats',
    poller: {
      state: () => ({
        targets: inputs.size,
        failing: 0,
        lastSuccessAt: noon - (options.lastSuccessMs ?? 2_000),
        effectiveIntervalMs: 5_000,
      }),
      dueInMs: () => 3_000,
    },
    statuses: () => inputs.values().map((stream) => ({ stream })),
    statusOf(targetKey) {
      const stream = inputs.get(targetKey);
      return stream && { stream };
    },
  };
  const control: CollectorInput = {
    question: 'control_history',
    poller: {
      state: () => ({ targets: 1, failing: 0, lastSuccessAt: noon - 4_000, effectiveIntervalMs: 30_000 }),
      dueInMs: () => undefined,
    },
    statuses: () => (options.domains ?? []).map((domain) => ({ domain })),
    statusOf: () => undefined,
  };
  const account: AccountInput = {
    account: { name: 'tencent', provider: 'tencent', endpoints: ['https://live.example.com/'] },
    limiters: new Map([['DescribeStreamPushInfoList', { perSecond: () => 20 }]]),
    collectors: options.domains === undefined ? [collector] : [collector, control],
  };
  const clock = { ...systemClock, now: () => noon };
  const views = createViews({
    exporter: () => ({
      version: '1.2.3',
      startedAt: noon - 24 * 60 * minuteMs,
      configFile: 'live.yaml',
      configLoadedAt: noon - 23 * 60 * minuteMs,
      isLastReloadSuccessful: true,
      stateSavedAt: noon - 1_000,
      warnings: [],
      ...options.exporter,
    }),
    accounts: () => [account],
    points: recent.points,
    troubles: troubles.of,
    troubleMs: troubles.totalMs,
    interruption: recent.interruption,
    requestsOf: requests.of,
    showClientIp: (address) => address,
    clock,
  });
  const server: RunningServer = await startServer({
    listenAddresses: ['127.0.0.1:0'],
    telemetryPath: options.telemetryPath ?? '/metrics',
    clock,
    log: {
      debug: () => undefined,
      error: (message, fields) => {
        throw new Error(`${message}: ${String(fields?.error)}`);
      },
    },
    onBug(work, error) {
      throw new Error(work, { cause: error });
    },
    scrape: () => Promise.reject(new Error('this server shows the status only')),
    healthy: () => ({ ok: true, reason: 'healthy' }),
    ready: () => ({ ok: true, reason: 'ready' }),
    overview: views.overview,
    status: views.status,
    streams: views.streams,
    stream: views.stream,
  });
  const [address] = server.addresses;
  if (address === undefined) throw new Error('no address');
  return {
    url: address.url,
    port: address.port,
    set,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Returns a domain with one stream that is forbidden for 12 minutes and will be free in an hour. */
export function forbiddenDomain(stream = 'guest-1'): DomainInput {
  const target = controlTarget();
  const forbid = controlAction({ actedAt: noon - 12 * minuteMs, action: 'forbid', stream });
  const resume = controlAction({ actedAt: noon - 30 * minuteMs, action: 'resume', stream });
  const { account, provider, domain } = target;
  const id = { account, provider, domain, appName: forbid.appName, stream };
  const total = (at: number) => ({ count: 1, lastAt: at, leftZero: true });
  const empty = newControlRecord(target, noon);
  const record: ControlRecord = {
    ...empty,
    target: {
      ...empty.target,
      watermark: noon - 4_000,
      floor: noon - 24 * 60 * minuteMs,
      seen: [resume, forbid].toSorted(controlActions.compare),
    },
    streams: new Map([
      [
        streamKey(id),
        {
          stream: id,
          actions: { forbid: total(forbid.actedAt), resume: total(resume.actedAt) },
          ban: { isForbidden: true, since: forbid.actedAt, expiresAt: noon + 60 * minuteMs },
        },
      ],
    ]),
  };
  return { target, record, failure: undefined };
}

/** Returns samples of the last five minutes, with a frame rate that differs a little from sample to sample. */
function samplesOf(
  { state, minutes = 60, hasGap = false }: FakeStream,
  number: number,
): readonly PushSample[] {
  const end = state === 'missing' || state === 'not_pushed' ? noon - minutes * minuteMs : noon - 5_000;
  const isLow = (at: number) =>
    (state === 'degraded' && at > noon - minutes * minuteMs) ||
    (state === 'recovered' && at > noon - 3 * minuteMs && at < noon - 2 * minuteMs);
  const isMissing = (at: number) => hasGap && at > noon - 200_000 && at < noon - 150_000;
  const samples = samplesBetween(noon - 5 * minuteMs, state === 'unknown' ? noon - 2 * minuteMs : end);
  return samples
    .filter(({ measuredAt }) => !isMissing(measuredAt))
    .map((sample, i) => ({
      ...sample,
      clientIp: `192.0.2.${number % 250}`,
      framesPerSecond: isLow(sample.measuredAt) ? 12 : 25 - ((i * 7 + number) % 4) / 10,
      bitsPerSecond: 2_000_000 + ((i * 13 + number * 7) % 20) * 10_000,
    }));
}

function viewOf({ state }: FakeStream, newest: PushSample | undefined, since: number): PushView | undefined {
  const isLive = state === 'up' || state === 'degraded' || state === 'recovered';
  return {
    live: isLive ? { followed: newest ?? pushSample(), others: [] } : undefined,
    isUnknown: state === 'unknown',
    watermark: noon - 2_000,
    answeredAt: noon - 2_000,
    expiresAt: noon + 30_000,
    since,
    isSinceFirst: false,
  };
}

function outcomeOf({ state }: FakeStream, number: number) {
  const at = noon - number * 5_000;
  const window = { from: at - 70_000, to: at };
  return state === 'unknown'
    ? {
        window,
        tookMs: 10_000,
        rows: 0,
        counted: 0,
        skipped: 0,
        failure: { kind: 'unavailable', message: 'tencent X: no answer within 10 s' },
      }
    : { window, tookMs: 84 + number, rows: 14, counted: 1, skipped: 0, failure: undefined };
}

function withoutSchedule(target: ReturnType<typeof pushTarget>) {
  return { ...target, expectation: { ...alwaysLive, live: undefined } };
}
