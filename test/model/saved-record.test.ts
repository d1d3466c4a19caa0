import { expect, test } from 'vitest';
import { countActions, nextControlStep } from '../../src/model/control-record.ts';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import { countAnswer, type PushRecord } from '../../src/model/push-record.ts';
import { nextStep } from '../../src/model/push-window.ts';
import {
  controlLeftZero,
  pushLedgersOf,
  startOrResumeControl,
  startOrResumePush,
} from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import {
  noActionLabels as bounds,
  controlAction,
  controlTarget,
  controlLimits as domainLimits,
} from '../support/actions.ts';
import { noon, pushTarget, samplesBetween, streamId } from '../support/samples.ts';

const target = pushTarget();
const limits = { spanMs: 7_200_000, retentionMs: 3 * 86_400_000, periodMs: 5000 };
const domain = controlTarget();

test('resumes a target without a gap if it was removed for less than the lookback', () => {
  const counted = count(startOrResumePush(undefined, target, noon), noon, noon - 60_000);

  const resumed = startOrResumePush({ ...counted, frozenAt: noon }, target, noon + 60_000);

  expect(resumed).toEqual({ ...counted, target: { ...counted.target, backFrom: noon - 10_000 } });
  const [later, from] = [noon + 61_000, noon - 10_000];
  expect(count(resumed, later, from)).toEqual(count(counted, later, from));
});

test('resumes the totals of a target that was removed for longer, and makes the time between a gap', () => {
  const counted = count(startOrResumePush(undefined, target, noon), noon, noon - 65_000);
  const now = noon + 3_600_000;

  const resumed = startOrResumePush({ ...counted, frozenAt: noon }, target, now);

  expect(resumed.frozenAt).toBeUndefined();
  // Not before the next answer, because the clock can be wrong until then.
  expect(resumed.push.totals).toEqual(counted.push.totals);
  const step = nextStep(resumed.target, target, limits, now + 2_000);
  expect(step).toEqual({
    window: { from: now - 70_000, to: now + 2_000 },
    gap: { from: noon, to: now - 70_000 },
  });
  const answered = count(resumed, now + 2_000, now + 2_000);
  // The answer was empty, so the next request starts at the end of the gap again.
  expect(answered.target).toEqual({ watermark: now + 2_000, floor: now - 70_000, seen: [] });
  expect(answered.push.totals).toEqual({ ...counted.push.totals, gapMs: 3_600_000 - 70_000 });
});

test('keeps the gap of a resumed target while its requests fail, and extends it if the target is removed again', () => {
  const counted = count(startOrResumePush(undefined, target, noon), noon, noon - 65_000);
  const control = startOrResumeControl(undefined, domain, noon - 86_400_000);
  const now = noon + 3_600_000;
  const resumed = startOrResumePush({ ...counted, frozenAt: noon }, target, now);
  const resumedControl = startOrResumeControl({ ...control, frozenAt: noon }, domain, now);
  const [totalLookbackMs, later] = [domain.expectedDelayMs + domain.lookbackMs, now + 600_000];

  expect(nextStep(resumed.target, target, limits, later).gap).toEqual({ from: noon, to: now - 70_000 });
  expect(nextControlStep(resumedControl, domain, domainLimits, later)).toEqual({
    window: { from: now - totalLookbackMs, to: later },
    gap: { from: noon - 86_400_000 - totalLookbackMs, to: now - totalLookbackMs },
    isRescan: true,
  });
  const resumedAgain = startOrResumePush({ ...resumed, frozenAt: now }, target, later);
  const resumedControlAgain = startOrResumeControl({ ...resumedControl, frozenAt: now }, domain, later);
  expect(nextStep(resumedAgain.target, target, limits, later).gap).toEqual({
    from: noon,
    to: later - 70_000,
  });
  expect(nextControlStep(resumedControlAgain, domain, domainLimits, later).gap?.to).toBe(
    later - totalLookbackMs,
  );
});

test('counts no gap twice if the target is removed and added again during a request', () => {
  const now = noon + 4 * 86_400_000;
  const push = startOrResumePush(undefined, target, noon);
  const control = startOrResumeControl(undefined, domain, noon - 4 * 86_400_000);
  const step = nextStep(push.target, target, limits, now);
  const domainStep = nextControlStep(control, domain, domainLimits, now);
  expect([step.gap?.from, domainStep.gap?.from]).toEqual([push.target.watermark, control.target.watermark]);
  const resumed = startOrResumePush({ ...push, frozenAt: now }, target, now);
  const resumedDomain = startOrResumeControl({ ...control, frozenAt: now }, domain, now);
  const answeredPush = count(resumed, now, now);
  const { record: domainAnswer } = countActions(
    resumedDomain,
    nextControlStep(resumedDomain, domain, domainLimits, now),
    domain,
    { ...bounds, now },
    [],
  );
  const resumedControl = { ...resumedDomain, ...domainAnswer };

  const { record } = countAnswer(answeredPush, step, target, limits, now, []);
  const { record: domainRecord } = countActions(
    resumedControl,
    domainStep,
    domain,
    { ...bounds, now: now + 1000 },
    [],
  );

  expect(record.target.watermark).toBe(answeredPush.target.watermark);
  expect(record.push.totals.gapMs).toBe(4 * 86_400_000);
  expect(domainRecord.target.watermark).toBe(now);
  expect(domainRecord.domain.gapMs).toBe(8 * 86_400_000);

  // In the other order, the window of the first answer is no gap.
  const { record: first } = countAnswer(resumed, step, target, limits, now, []);
  expect(count({ ...resumed, ...first }, now, now).push.totals.gapMs).toBe(4 * 86_400_000 - limits.spanMs);
});

test('lists the ledger of the own stream first, then those of the other streams', () => {
  const record = startOrResumePush(undefined, target, noon);
  const other = newPushLedger(noon);

  expect(pushLedgersOf(record)).toEqual([[record.streamKey, record.push]]);
  expect(pushLedgersOf({ ...record, streams: new Map([['sport', other]]) })).toEqual([
    [record.streamKey, record.push],
    ['sport', other],
  ]);
});

test('releases thousands of action counters from 0 at once', () => {
  const started = startOrResumeControl(undefined, domain, noon);
  const actions = Array.from({ length: 20_000 }, (_, i) => controlAction({ stream: `s${i}` }));
  const step = nextControlStep(started, domain, domainLimits, noon);
  const counted = countActions(started, step, domain, { ...bounds, now: noon }, actions);
  const record = { ...started, ...counted.record };
  const stream = (name: string) =>
    streamKey(streamId({ account: 'aliyun', provider: 'alibaba', domain: domain.domain, stream: name }));

  const released = controlLeftZero(record, [
    { streamKey: undefined, action: 'forbid' },
    { streamKey: undefined, action: 'resume' },
    { streamKey: stream('evicted'), action: 'forbid' },
    ...[...record.streams.keys()].slice(1).map((key) => ({ streamKey: key, action: 'forbid' })),
  ]);

  expect(released.domain.actions).toEqual({
    forbid: { count: 20_000, lastAt: noon, leftZero: true },
    resume: { count: 0, lastAt: undefined, leftZero: true },
    other: { count: 0, lastAt: undefined, leftZero: false },
  });
  const releasedStreams = [...released.streams.values()].filter(
    ({ actions: totals }) => totals.forbid?.leftZero,
  );
  expect(releasedStreams).toHaveLength(19_999);
  expect(released.streams.get(stream('s0'))).toBe(record.streams.get(stream('s0')));
});

function count(record: PushRecord, now: number, from: number): PushRecord {
  const step = nextStep(record.target, target, limits, now);
  return { ...record, ...countAnswer(record, step, target, limits, now, samplesBetween(from, now)).record };
}
