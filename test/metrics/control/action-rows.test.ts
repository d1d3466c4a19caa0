import { expect, test } from 'vitest';
import { streamKey } from '../../../src/model/stream.ts';
import {
  initialRecord,
  ledger,
  names,
  news,
  setUpControlSeries,
  target,
  targetKey,
  total,
  withStreams,
} from '../../support/control-series.ts';

const ofNews = { targetKey, streamKey: streamKey(news) };
const ofDomain = { targetKey, streamKey: undefined };

test('holds the counters of a new domain at 0, and releases them before the first action', () => {
  const { series, released, scrape } = setUpControlSeries();
  series.add(target, initialRecord);

  scrape();

  expect(released).toEqual([
    { ...ofDomain, action: 'forbid' },
    { ...ofDomain, action: 'resume' },
    { ...ofDomain, action: 'other' },
  ]);
});

test('exposes a new action at 0, whatever its count, until its ledger has left 0', async () => {
  const { series, released, scrape, lines, setCounted } = setUpControlSeries();
  series.add(target, initialRecord);
  scrape();
  released.length = 0;

  setCounted(withStreams(ledger(news, { forbid: total(4), kick: total(2, { leftZero: false }) })));
  const counts = async () => (await lines(names.actions)).map((line) => /action=.*/.exec(line)?.[0]);
  expect(await counts()).toEqual(['action="forbid"} 4', 'action="kick"} 0']);
  expect(await lines(names.lastAction)).toHaveLength(2);

  scrape();
  expect(released).toEqual([{ ...ofNews, action: 'kick' }]);
  expect(await counts()).toEqual(['action="forbid"} 4', 'action="kick"} 0']);

  setCounted(withStreams(ledger(news, { forbid: total(4), kick: total(2) })));
  expect(await counts()).toEqual(['action="forbid"} 4', 'action="kick"} 2']);
  scrape();
  expect(released).toHaveLength(1);
});

test('does not release an action with a response rendered before the action was added', () => {
  const { series, zeroHold, released, setCounted } = setUpControlSeries();
  series.add(target, { ...initialRecord, domain: { actions: {}, gapMs: 0 } });
  const before = series.tables.version();
  setCounted(withStreams(ledger(news, { kick: total(2, { leftZero: false }) })));

  zeroHold.scrapeCompleted('curl', before);

  expect(released).toEqual([]);
});

test('does not release removed actions, and holds them again when the target is added again', () => {
  const { series, released, scrape } = setUpControlSeries();
  const record = withStreams(ledger(news, { kick: total(2, { leftZero: false }) }));
  series.add(target, record);
  series.remove(targetKey);
  scrape();
  expect(released).toEqual([]);

  series.add(target, record);
  scrape();
  expect(released).toHaveLength(4);
  expect(released).toContainEqual({ ...ofNews, action: 'kick' });
});
