import { expect, test } from 'vitest';
import { streamKey } from '../../../src/model/stream.ts';
import {
  begun,
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

test('each counter of the domain is born with it, and may leave 0 before anything happened', () => {
  const { series, released, scrape } = setUpControlSeries();
  series.add(target, begun);

  scrape();

  expect(released).toEqual([
    { ...ofDomain, action: 'forbid' },
    { ...ofDomain, action: 'resume' },
    { ...ofDomain, action: 'other' },
  ]);
});

test('an action that appears is at 0, whatever its count, until its ledger is shown as having left it', async () => {
  const { series, released, scrape, lines } = setUpControlSeries();
  series.add(target, begun);
  scrape();
  released.length = 0;

  series.setRecord(
    targetKey,
    withStreams(ledger(news, { forbid: total(4), kick: total(2, { leftZero: false }) })),
  );
  const counts = async () => (await lines(names.actions)).map((line) => /action=.*/.exec(line)?.[0]);
  expect(await counts()).toEqual(['action="forbid"} 4', 'action="kick"} 0']);
  expect(await lines(names.lastAction)).toHaveLength(2);

  scrape();
  expect(released).toEqual([{ ...ofNews, action: 'kick' }]);
  expect(await counts()).toEqual(['action="forbid"} 4', 'action="kick"} 0']);

  series.setRecord(targetKey, withStreams(ledger(news, { forbid: total(4), kick: total(2) })));
  expect(await counts()).toEqual(['action="forbid"} 4', 'action="kick"} 2']);
  scrape();
  expect(released).toHaveLength(1);
});

test('an answer made before the birth does not release, since the action is not in it', () => {
  const { series, zeroHold, released } = setUpControlSeries();
  series.add(target, { ...begun, domain: { actions: {}, gapMs: 0 } });
  const before = series.tables.version();
  series.setRecord(targetKey, withStreams(ledger(news, { kick: total(2, { leftZero: false }) })));

  zeroHold.scrapeCompleted('curl', before, 0);

  expect(released).toEqual([]);
});

test('what ended is not waited for, and is born anew when it comes back', () => {
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
