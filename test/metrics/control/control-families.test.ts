import { expect, test } from 'vitest';
import {
  controlFamilies,
  lastActionFamilies,
  streamActionFamilies,
} from '../../../src/metrics/control/control-families.ts';
import { addAction } from '../../../src/model/control-ledger.ts';
import { newControlRecord } from '../../../src/model/control-record.ts';
import { streamKey } from '../../../src/model/stream.ts';
import { controlTargetKey } from '../../../src/model/target.ts';
import { controlAction, controlTarget } from '../../support/actions.ts';
import { setUpControlSeries } from '../../support/control-series.ts';
import { parseFamilies, renderTables } from '../../support/exposition.ts';
import { promtoolSays } from '../../support/promtool.ts';
import { noon, streamId } from '../../support/samples.ts';
import { describeWithTool } from '../../support/tools.ts';

const [actions, lastAction] = [...streamActionFamilies, ...lastActionFamilies].map(({ points }) => points[0]);

test('exposes a count of 0 during the zero hold, but the true timestamp', () => {
  const held = { count: 7, lastAt: noon, leftZero: false };

  expect(actions?.value(held)).toBe(0);
  expect(lastAction?.value(held)).toBe(1_772_366_400);
  expect(actions?.value({ ...held, leftZero: true })).toBe(7);
});

test('exposes a count but no timestamp for an action that never occurred', () => {
  const never = { count: 0, lastAt: undefined, leftZero: true };

  expect(actions?.value(never)).toBe(0);
  expect(lastAction?.value(never)).toBeUndefined();
});

describeWithTool('promtool', 'promtool check metrics', () => {
  test('accepts the control metrics', async () => {
    const { series } = setUpControlSeries();
    const target = controlTarget({ domain: 'a "quoted" \\ 直播\n' });
    const stream = streamId({ stream: 'a "quoted" \\ 直播\n' });
    series.add(target, {
      ...newControlRecord(target, noon),
      streams: new Map([[streamKey(stream), { stream, actions: addAction({}, 'forbid', controlAction()) }]]),
    });
    series.setWatermark(controlTargetKey(target), noon);
    const text = await renderTables(series.tables);
    expect(parseFamilies(text).size).toBe(controlFamilies.length);

    expect(promtoolSays(text)).toBeUndefined();
  });
});
