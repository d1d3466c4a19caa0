import { expect, test } from 'vitest';
import { controlFamilies, streamActionFamilies } from '../../../src/metrics/control/control-families.ts';
import { createControlSeries } from '../../../src/metrics/control/control-series.ts';
import { addAction } from '../../../src/model/control-ledger.ts';
import { newControlRecord } from '../../../src/model/control-record.ts';
import { streamKey } from '../../../src/model/stream.ts';
import { controlTargetKey } from '../../../src/model/target.ts';
import { controlAction, controlTarget } from '../../support/actions.ts';
import { drawTables, parseFamilies } from '../../support/exposition.ts';
import { promtoolSays } from '../../support/promtool.ts';
import { noon, streamId } from '../../support/samples.ts';
import { describeWithTool } from '../../support/tools.ts';

const [actions, lastAction] = streamActionFamilies.map(({ points }) => points[0]);

test('a count is 0 until it has left 0, and its time is the true one all the while', () => {
  const waiting = { count: 7, lastAt: noon, leftZero: false };

  expect(actions?.value(waiting)).toBe(0);
  expect(lastAction?.value(waiting)).toBe(1_772_366_400);
  expect(actions?.value({ ...waiting, leftZero: true })).toBe(7);
});

test('an action that was never done has a count and no time', () => {
  const never = { count: 0, lastAt: undefined, leftZero: true };

  expect(actions?.value(never)).toBe(0);
  expect(lastAction?.value(never)).toBeUndefined();
});

describeWithTool('promtool', 'promtool check metrics', () => {
  test('has nothing to say about control actions', async () => {
    const zeroHold = { hold: () => undefined, remove: () => undefined };
    const series = createControlSeries({ zeroHold, version: () => 0, elapsed: () => 0 });
    const target = controlTarget({ domain: 'a "quoted" \\ 直播\n' });
    const stream = streamId({ stream: 'a "quoted" \\ 直播\n' });
    series.add(target, {
      ...newControlRecord(target, noon),
      streams: new Map([[streamKey(stream), { stream, actions: addAction({}, 'forbid', controlAction()) }]]),
    });
    series.setWatermark(controlTargetKey(target), noon);
    const text = await drawTables(series.tables);
    expect(parseFamilies(text).size).toBe(controlFamilies.length);

    expect(promtoolSays(text)).toBeUndefined();
  });
});
