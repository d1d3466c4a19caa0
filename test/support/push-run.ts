import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import type { PushHistorySource } from '../../src/model/questions.ts';
import { pushLeftZero, startOrResumePush } from '../../src/model/saved-record.ts';
import { createDataDelay } from '../../src/polling/data-delay.ts';
import type { CountedAnswer, RunContext } from '../../src/polling/history.ts';
import { createPushRun, type PushPollTarget, toPushPollTarget } from '../../src/polling/push-history.ts';
import { fakeSource } from './push-source.ts';
import { createDisklessRecordCache } from './record-cache.ts';
import { noon, pushTarget } from './samples.ts';

type PushContext = RunContext<PushPollTarget, PushSample>;

const target = pushTarget();
const signal = new AbortController().signal;

/** Creates the runs of one target with a fake source, from the start at noon. Lists what the runs report. */
export function createPushParts(
  samples: Parameters<typeof fakeSource>[0],
  intervals: Partial<Pick<PushContext, 'effectiveIntervalMs' | 'configuredIntervalMs'>> = {},
  isListed = () => false,
) {
  const source = fakeSource(samples);
  let current: PushHistorySource = source;
  const cache = createDisklessRecordCache();
  const record = startOrResumePush(undefined, target, noon);
  cache.put(record);
  const views: PushView[] = [];
  const counted: CountedAnswer<PushSample>[] = [];
  const pausedUntil: number[] = [];
  const { run: pushRun } = createPushRun({
    source: () => current,
    cache,
    delay: createDataDelay(() => undefined),
    clock: { elapsed: () => 0, yieldNow: async () => undefined },
    viewOf: () => views.at(-1),
    isListed,
    onView: (_, view) => views.push(view),
  });
  const context: PushContext = {
    counted: (_, answer) => counted.push(answer),
    paused: (_, until) => pausedUntil.push(until),
    effectiveIntervalMs: () => 5000,
    configuredIntervalMs: () => 5000,
    ...intervals,
  };
  const currentRecord = () => {
    const current = cache.record(record.targetKey);
    if (current?.question !== 'push_stats') throw new Error('no push record');
    return current;
  };
  return {
    source,
    views,
    counted,
    pausedUntil,
    run: (now: number) => pushRun(toPushPollTarget(target), now, signal, context),
    record: currentRecord,
    totals: () => currentRecord().push.totals,
    resume: (frozenAt: number, now: number) =>
      cache.put(startOrResumePush({ ...currentRecord(), frozenAt }, target, now)),
    replace(other: PushHistorySource) {
      current = other;
    },
    release: () => cache.put(pushLeftZero(currentRecord())),
  };
}
