import { expect, test } from 'vitest';
import { countActions, nextControlStep } from '../../src/model/control-record.ts';
import { countAnswer, nextStep } from '../../src/model/push-record.ts';
import { beginControl, beginPush, controlLeftZero, type SavedPush } from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { noon, pushTarget, samplesBetween, streamId } from '../support/samples.ts';

const target = pushTarget();
const limits = { spanMs: 7_200_000, retentionMs: 3 * 86_400_000, periodMs: 5000 };
const domain = controlTarget();
const domainLimits = { spanMs: 7 * 86_400_000, retentionMs: 7 * 86_400_000 };
const bounds = { spellings: new Set<string>(), room: 100_000 };

test('a target that was away for less than the lookback goes on as if it had not been', () => {
  const counted = count(beginPush(undefined, target, limits, noon), noon, noon - 60_000);

  const back = beginPush({ ...counted, frozenAt: noon }, target, limits, noon + 60_000);

  expect(back).toEqual(counted);
});

test('a target that was away for longer goes on with its totals, and the time between is a gap', () => {
  const counted = count(beginPush(undefined, target, limits, noon), noon, noon - 65_000);
  const now = noon + 3_600_000;

  const back = beginPush({ ...counted, frozenAt: noon }, target, limits, now);

  expect(back.frozenAt).toBeUndefined();
  expect(back.target).toEqual({ watermark: now - 70_000, floor: now - 70_000, seen: [] });
  expect(back.push.totals).toEqual({ ...counted.push.totals, gapMs: 3_600_000 - 70_000 });
});

test('an answer that was waited for while its target went and came back loses no time twice', () => {
  const now = noon + 4 * 86_400_000;
  const push = beginPush(undefined, target, limits, noon);
  const control = beginControl(undefined, domain, noon - 4 * 86_400_000);
  const step = nextStep(push.target, target, limits, now);
  const domainStep = nextControlStep(control, domain, domainLimits, now);
  expect([step.lost?.from, domainStep.lost?.from]).toEqual([push.target.watermark, control.target.watermark]);
  const pushBack = beginPush({ ...push, frozenAt: now }, target, limits, now);
  const controlBack = beginControl({ ...control, frozenAt: now }, domain, now);

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
});

test('thousands of actions leave 0 at once', () => {
  const begun = beginControl(undefined, domain, noon);
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
