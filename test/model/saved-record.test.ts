import { expect, test } from 'vitest';
import { countActions, nextControlStep } from '../../src/model/control-record.ts';
import { countAnswer, nextStep } from '../../src/model/push-record.ts';
import {
  controlLeftZero,
  type SavedPush,
  startOrResumeControl,
  startOrResumePush,
} from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { noon, pushTarget, samplesBetween, streamId } from '../support/samples.ts';

const target = pushTarget();
const limits = { spanMs: 7_200_000, retentionMs: 3 * 86_400_000, periodMs: 5000 };
const domain = controlTarget();
const domainLimits = { spanMs: 7 * 86_400_000, retentionMs: 7 * 86_400_000 };
const bounds = { actionLabels: new Set<string>(), freeStreams: 100_000 };

test('a target that was away for less than the lookback goes on as if it had not been', () => {
  const counted = count(startOrResumePush(undefined, target, noon), noon, noon - 60_000);

  const back = startOrResumePush({ ...counted, frozenAt: noon }, target, noon + 60_000);

  expect(back).toEqual({ ...counted, target: { ...counted.target, backFrom: noon - 10_000 } });
  const [later, from] = [noon + 61_000, noon - 10_000];
  expect(count(back, later, from)).toEqual(count(counted, later, from));
});

test('a target that was away for longer goes on with its totals, and the time between is a gap', () => {
  const counted = count(startOrResumePush(undefined, target, noon), noon, noon - 65_000);
  const now = noon + 3_600_000;

  const back = startOrResumePush({ ...counted, frozenAt: noon }, target, now);

  expect(back.frozenAt).toBeUndefined();
  // Not before an answer: until then nobody knows whether the clock is right.
  expect(back.push.totals).toEqual(counted.push.totals);
  const step = nextStep(back.target, target, limits, now + 2_000);
  expect(step).toEqual({
    window: { from: now - 70_000, to: now + 2_000 },
    gap: { from: noon, to: now - 70_000 },
  });
  const answered = count(back, now + 2_000, now + 2_000);
  expect(answered.target).toEqual({ watermark: now + 2_000, floor: now - 68_000, seen: [] });
  expect(answered.push.totals).toEqual({ ...counted.push.totals, gapMs: 3_600_000 - 70_000 });
});

test('one whose first answers fail has lost no more by that, and one that goes again before an answer the rest as well', () => {
  const counted = count(startOrResumePush(undefined, target, noon), noon, noon - 65_000);
  const control = startOrResumeControl(undefined, domain, noon - 86_400_000);
  const now = noon + 3_600_000;
  const back = startOrResumePush({ ...counted, frozenAt: noon }, target, now);
  const controlBack = startOrResumeControl({ ...control, frozenAt: noon }, domain, now);
  const [reach, later] = [domain.expectedDelayMs + domain.lookbackMs, now + 600_000];

  expect(nextStep(back.target, target, limits, later).gap).toEqual({ from: noon, to: now - 70_000 });
  expect(nextControlStep(controlBack, domain, domainLimits, later)).toEqual({
    window: { from: now - reach, to: later },
    gap: { from: noon - 86_400_000 - reach, to: now - reach },
    isRescan: true,
  });
  const again = startOrResumePush({ ...back, frozenAt: now }, target, later);
  const controlAgain = startOrResumeControl({ ...controlBack, frozenAt: now }, domain, later);
  expect(nextStep(again.target, target, limits, later).gap).toEqual({ from: noon, to: later - 70_000 });
  expect(nextControlStep(controlAgain, domain, domainLimits, later).gap?.to).toBe(later - reach);
});

test('an answer that was waited for while its target went and came back loses no time twice', () => {
  const now = noon + 4 * 86_400_000;
  const push = startOrResumePush(undefined, target, noon);
  const control = startOrResumeControl(undefined, domain, noon - 4 * 86_400_000);
  const step = nextStep(push.target, target, limits, now);
  const domainStep = nextControlStep(control, domain, domainLimits, now);
  expect([step.gap?.from, domainStep.gap?.from]).toEqual([push.target.watermark, control.target.watermark]);
  const back = startOrResumePush({ ...push, frozenAt: now }, target, now);
  const domainBack = startOrResumeControl({ ...control, frozenAt: now }, domain, now);
  const pushBack = count(back, now, now);
  const { record: domainAnswered } = countActions(
    domainBack,
    nextControlStep(domainBack, domain, domainLimits, now),
    domain,
    { ...bounds, now },
    [],
  );
  const controlBack = { ...domainBack, ...domainAnswered };

  const { record } = countAnswer(pushBack, step, target, limits, now, []);
  const { record: domainRecord } = countActions(
    controlBack,
    domainStep,
    domain,
    { ...bounds, now: now + 1000 },
    [],
  );

  expect(record.target.watermark).toBe(pushBack.target.watermark);
  expect(record.push.totals.gapMs).toBe(4 * 86_400_000);
  expect(domainRecord.target.watermark).toBe(now);
  expect(domainRecord.domain.gapMs).toBe(8 * 86_400_000);

  // The other way round, what that answer told of is no gap.
  const { record: first } = countAnswer(back, step, target, limits, now, []);
  expect(count({ ...back, ...first }, now, now).push.totals.gapMs).toBe(4 * 86_400_000 - limits.spanMs);
});

test('thousands of actions leave 0 at once', () => {
  const begun = startOrResumeControl(undefined, domain, noon);
  const actions = Array.from({ length: 20_000 }, (_, i) => controlAction({ stream: `s${i}` }));
  const step = nextControlStep(begun, domain, domainLimits, noon);
  const counted = countActions(begun, step, domain, { ...bounds, now: noon }, actions);
  const record = { ...begun, ...counted.record };
  const stream = (name: string) =>
    streamKey(streamId({ account: 'aliyun', provider: 'alibaba', domain: domain.domain, stream: name }));

  const left = controlLeftZero(record, [
    { streamKey: undefined, action: 'forbid' },
    { streamKey: undefined, action: 'resume' },
    { streamKey: stream('gone meanwhile'), action: 'forbid' },
    ...[...record.streams.keys()].slice(1).map((key) => ({ streamKey: key, action: 'forbid' })),
  ]);

  expect(left.domain.actions).toEqual({
    forbid: { count: 20_000, lastAt: noon, leftZero: true },
    resume: { count: 0, lastAt: undefined, leftZero: true },
    other: { count: 0, lastAt: undefined, leftZero: false },
  });
  const released = [...left.streams.values()].filter(({ actions: totals }) => totals.forbid?.leftZero);
  expect(released).toHaveLength(19_999);
  expect(left.streams.get(stream('s0'))).toBe(record.streams.get(stream('s0')));
});

function count(record: SavedPush, now: number, from: number): SavedPush {
  const step = nextStep(record.target, target, limits, now);
  return { ...record, ...countAnswer(record, step, target, limits, now, samplesBetween(from, now)).record };
}
