import { createViews } from '../../src/app/views.ts';
import { systemClock } from '../../src/clock.ts';
import type { Schedule } from '../../src/model/live-schedule.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { streamKey } from '../../src/model/stream.ts';
import { streamKeyOf } from '../../src/model/target.ts';
import { minuteMs, secondMs } from '../../src/model/time.ts';
import type { AccountInput, StreamInput } from '../../src/status/inputs.ts';
import { createRecent, type Recent } from '../../src/status/recent.ts';
import { createRequestLog } from '../../src/status/request-log.ts';
import { createTroubles } from '../../src/status/troubles.ts';
import { benchSample, benchTarget, filledLedger, viewOf } from './content.ts';

/** Times of the day at which the streams are expected live. Most streams of a large installation have some. */
const live: Schedule = [
  { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 60, toMinute: 1400, timeZone: 'Asia/Shanghai' },
];

/** Creates the views of streams with schedules, totals and samples of the last five minutes. */
export function createBenchViews(count: number) {
  const recent = createRecent();
  const streams = new Map(Array.from({ length: count }, (_, number) => entryOf(number, recent)));
  const state = { targets: streams.size, failing: 0, lastSuccessAt: Date.now(), effectiveIntervalMs: 5000 };

  const account: AccountInput = {
    account: { name: 'tencent-main', provider: 'tencent', endpoints: ['http://statcgi.example.com/'] },
    limiters: new Map([['Get_LivePushStatHistory', { perSecond: () => 20 }]]),
    collectors: [
      {
        question: 'push_stats',
        poller: { state: () => state, dueInMs: () => 1_000 },
        statuses: () => streams.values().map((stream) => ({ stream: { ...stream } })),
        statusOf(targetKey) {
          const stream = streams.get(streamKeyOf(targetKey));
          return stream && { stream: { ...stream } };
        },
      },
    ],
  };

  const troubles = createTroubles();
  const requests = createRequestLog();
  return createViews({
    exporter: () => ({
      version: '0.0.0',
      startedAt: Date.now(),
      configFile: 'bench.yaml',
      configLoadedAt: Date.now(),
      isLastReloadSuccessful: true,
      stateSavedAt: Date.now(),
      warnings: [],
    }),
    accounts: () => [account],
    clock: systemClock,
    points: recent.points,
    troubles: troubles.of,
    troubleMs: troubles.totalMs,
    interruption: recent.interruption,
    requestsOf: requests.of,
    showClientIp: (address) => address,
  });
}

/** Returns a stream with a schedule, totals, and samples of the last five minutes. */
function entryOf(number: number, recent: Recent): readonly [string, StreamInput] {
  const target = benchTarget(number);
  const key = streamKey(target.stream);
  const sample = { ...benchSample(number, 0), measuredAt: Date.now() };
  recent.add(key, samplesUpTo(sample));
  const ledger = filledLedger(number);
  return [
    key,
    {
      key,
      target: { ...target, expectation: { ...target.expectation, live } },
      view: viewOf(sample),
      ledger: () => ledger,
      failure: undefined,
    },
  ];
}

function samplesUpTo(newest: PushSample): readonly PushSample[] {
  const length = (5 * minuteMs) / newest.periodMs;
  return Array.from({ length }, (_, i) => ({
    ...newest,
    measuredAt: newest.measuredAt - (length - 1 - i) * 5 * secondMs,
  }));
}
