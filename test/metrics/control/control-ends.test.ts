import { expect, test } from 'vitest';
import { controlTargetKey } from '../../../src/model/target.ts';
import { controlTarget } from '../../support/actions.ts';
import {
  domainLabels,
  initialRecord,
  ledger,
  names,
  news,
  setUpControlSeries,
  sport,
  target,
  targetKey,
  total,
  withStreams,
} from '../../support/control-series.ts';
import { renderTables } from '../../support/exposition.ts';
import { noon } from '../../support/samples.ts';

test('removes a stream that is no longer in the record, and keeps the others', async () => {
  const { series, lines, setCounted } = setUpControlSeries();
  const kept = ledger(sport, { forbid: total(1) });
  series.add(target, withStreams(ledger(news, { forbid: total(1), resume: total(1) }), kept));

  setCounted(withStreams(kept));

  const remaining = await lines(names.actions, names.lastAction, names.forbidden);
  expect(remaining).toHaveLength(3);
  expect(remaining.every((line) => line.includes('stream="sport"'))).toBe(true);
});

test('removes all series of a target, and ignores later updates of it', async () => {
  const { series, setCounted } = setUpControlSeries();
  const record = withStreams(ledger(news, { forbid: total(1) }));
  series.add(target, record);
  series.setWatermark(targetKey, noon);

  series.remove(targetKey);
  setCounted(record);
  series.setWatermark(targetKey, noon);
  series.remove(targetKey);

  expect(await renderTables(series.tables)).toBe('');
});

test('reuses freed rows without their old values', async () => {
  const { series, lines } = setUpControlSeries();
  series.add(target, withStreams(ledger(news, { forbid: total(7) })));
  series.remove(targetKey);

  series.add(target, withStreams(ledger(sport, { kick: total(1, { lastAt: undefined }) })));

  expect(await lines(names.actions, names.lastAction, names.forbidden, names.watermark)).toEqual([
    `livestream_control_actions_total{${domainLabels},app_name="live",stream="sport",action="kick"} 1`,
  ]);
});

test('removes actions that are missing in a restarted ledger', async () => {
  const { series, lines, setCounted } = setUpControlSeries();
  series.add(target, withStreams(ledger(news, { forbid: total(7), resume: total(7) })));

  setCounted(withStreams(ledger(news, { resume: total(1, { leftZero: false }) })));

  expect(await lines(names.actions)).toEqual([
    `livestream_control_actions_total{${domainLabels},app_name="live",stream="news",action="resume"} 0`,
  ]);
});

test('refuses to add a target twice', () => {
  const { series } = setUpControlSeries();
  series.add(target, initialRecord);

  expect(() => series.add(target, initialRecord)).toThrow('cannot add a control target twice');
});

test('exposes a stream of two targets once, and from the second target after the first is removed', async () => {
  const { series, lines, setCounted } = setUpControlSeries();
  const other = controlTarget({ domain: 'mirror.example.com' });
  const record = withStreams(ledger(news, { forbid: total(2) }));
  series.add(target, withStreams(ledger(news, { forbid: total(1) })));
  series.add(other, record);
  const count = async () => (await lines(names.actions)).map((line) => line.split(' ').at(-1));
  expect(await count()).toEqual(['1']);

  series.remove(targetKey);
  setCounted({ ...record }, controlTargetKey(other));

  expect(await count()).toEqual(['2']);
});
