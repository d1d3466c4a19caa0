import { expect, test } from 'vitest';
import { controlTargetKey } from '../../../src/model/target.ts';
import { controlTarget } from '../../support/actions.ts';
import {
  begun,
  domainLabels,
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
import { drawTables } from '../../support/exposition.ts';
import { noon } from '../../support/samples.ts';

test('a stream that left the record ends, and the others stay', async () => {
  const { series, lines } = setUpControlSeries();
  const stays = ledger(sport, { forbid: total(1) });
  series.add(target, withStreams(ledger(news, { forbid: total(1), resume: total(1) }), stays));

  series.setRecord(targetKey, withStreams(stays));

  const left = await lines(names.actions, names.lastAction, names.forbidden);
  expect(left).toHaveLength(3);
  expect(left.every((line) => line.includes('stream="sport"'))).toBe(true);
});

test('an ended target leaves nothing, and what is told of it later is dropped', async () => {
  const { series } = setUpControlSeries();
  const record = withStreams(ledger(news, { forbid: total(1) }));
  series.add(target, record);
  series.setWatermark(targetKey, noon);

  series.remove(targetKey);
  series.setRecord(targetKey, record);
  series.setWatermark(targetKey, noon);
  series.remove(targetKey);

  expect(await drawTables(series.tables)).toBe('');
});

test('rows that were freed are used again, with nothing left of what they showed', async () => {
  const { series, lines } = setUpControlSeries();
  series.add(target, withStreams(ledger(news, { forbid: total(7) })));
  series.remove(targetKey);

  series.add(target, withStreams(ledger(sport, { kick: total(1, { lastAt: undefined }) })));

  expect(await lines(names.actions, names.lastAction, names.forbidden, names.watermark)).toEqual([
    `livestream_control_actions_total{${domainLabels},app_name="live",stream="sport",action="kick"} 1`,
  ]);
});

test('a ledger that began again has only the actions that are in it', async () => {
  const { series, lines } = setUpControlSeries();
  series.add(target, withStreams(ledger(news, { forbid: total(7), resume: total(7) })));

  series.setRecord(targetKey, withStreams(ledger(news, { resume: total(1, { leftZero: false }) })));

  expect(await lines(names.actions)).toEqual([
    `livestream_control_actions_total{${domainLabels},app_name="live",stream="news",action="resume"} 0`,
  ]);
});

test('a target is begun once', () => {
  const { series } = setUpControlSeries();
  series.add(target, begun);

  expect(() => series.add(target, begun)).toThrow('shown already');
});

test('a stream that two targets tell of is drawn once, and by the other one when the first ends', async () => {
  const { series, lines } = setUpControlSeries();
  const other = controlTarget({ domain: 'mirror.example.com' });
  const record = withStreams(ledger(news, { forbid: total(2) }));
  series.add(target, withStreams(ledger(news, { forbid: total(1) })));
  series.add(other, record);
  const count = async () => (await lines(names.actions)).map((line) => line.split(' ').at(-1));
  expect(await count()).toEqual(['1']);

  series.remove(targetKey);
  series.setRecord(controlTargetKey(other), { ...record });

  expect(await count()).toEqual(['2']);
});
