import { newPushLedger } from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { streamKey } from '../../src/model/stream.ts';
import type { AccountInput, CollectorInput, ExporterInput, StreamInput } from '../../src/status/inputs.ts';
import type { StreamsContext } from '../../src/status/stream-view.ts';
import type { StatusContext } from '../../src/status/view.ts';
import { noon, pushSample, pushTarget, streamId } from '../support/samples.ts';
import { inOneSlice } from '../support/slices.ts';

/** Returns the view of an answer from two seconds ago; `sample` undefined: no live push. */
export function viewOf(sample: PushSample | undefined, part: Partial<PushView> = {}): PushView {
  return {
    live: sample && { followed: sample, others: [] },
    isUnknown: false,
    watermark: noon - 2_000,
    answeredAt: noon - 2_000,
    expiresAt: noon + 30_000,
    since: noon - 600_000,
    isSinceFirst: false,
    ...part,
  };
}

/** Returns a stream that is up and meets its expectation. */
export function streamInput(stream = 'news', part: Partial<StreamInput> = {}): StreamInput {
  return {
    key: streamKey(streamId({ stream })),
    target: pushTarget({ stream: streamId({ stream }) }),
    view: viewOf(pushSample({ measuredAt: noon - 8_000 })),
    ledger: () => newPushLedger(noon - 60_000),
    failure: undefined,
    ...part,
  };
}

export const exporter: ExporterInput = {
  version: '1.2.3',
  startedAt: noon - 60_000,
  configFile: 'live.yaml',
  configLoadedAt: noon - 50_000,
  isLastReloadSuccessful: true,
  stateSavedAt: undefined,
  warnings: [],
};

export function accountInput(
  collectors: readonly CollectorInput[] = [],
  part: Partial<AccountInput['account']> = {},
): AccountInput {
  return {
    account: {
      name: 'tencent',
      provider: 'tencent',
      endpoints: ['http://statcgi.example.com/common_access'],
      ...part,
    },
    limiters: new Map([['Get_LivePushStatHistory', { perSecond: () => 20 }]]),
    collectors,
  };
}

/** Returns a collector of push statistics with one failing target of three. */
export function collectorInput(
  statuses: ReturnType<CollectorInput['statuses']> = [],
  part: Partial<ReturnType<CollectorInput['poller']['state']>> = {},
): CollectorInput {
  const state = { targets: 3, failing: 1, lastSuccessAt: noon - 1_500, effectiveIntervalMs: 5_000, ...part };
  return {
    question: 'push_stats',
    poller: { state: () => state, dueInMs: () => undefined },
    statuses: () => statuses,
    statusOf: () => undefined,
  };
}

/** Context without recent samples, troubles and control actions, which shows client addresses. */
export const context: StreamsContext & StatusContext = {
  now: noon,
  points: () => [],
  troubles: () => [],
  troubleMs: () => 0,
  interruption: () => undefined,
  controlLedgerOf: () => undefined,
  showClientIp: (address) => address,
  inSlices: inOneSlice,
};
