import { expect, test } from 'vitest';
import { streamKey } from '../../../src/model/stream.ts';
import { news, pushLedger, setUpPushSeries } from '../../support/push-series.ts';
import { alwaysLive, noExpectation, noon, pushTarget, streamId } from '../../support/samples.ts';

const samples = async (lines: (...names: readonly string[]) => Promise<readonly string[]>) =>
  (await lines('livestream_push_samples_total')).map((line) => line.split(' ').at(-1));

test('a ledger that has not left 0 is shown at 0 whatever its totals, until it is shown as having left it', async () => {
  const { series, zeroHold, released, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setLedger(news, pushLedger({ samples: 12 }, { leftZero: false, newestAt: noon }));
  expect(await samples(lines)).toEqual(['0']);
  expect(await lines('livestream_push_sample_timestamp_seconds')).toHaveLength(1);

  zeroHold.scrapeCompleted('curl', series.tables.version(), 0);
  expect(released).toEqual([news]);
  series.setLedger(news, pushLedger({ samples: 13 }, { leftZero: false }));
  expect(await samples(lines)).toEqual(['0']);

  series.setLedger(news, pushLedger({ samples: 13 }, { leftZero: true }));
  expect(await samples(lines)).toEqual(['13']);
  zeroHold.scrapeCompleted('curl', series.tables.version(), 0);
  expect(released).toEqual([news]);
});

test('a restored ledger that has left 0 starts at its value, one that has not is born again', async () => {
  const { series, zeroHold, released, lines } = setUpPushSeries();
  series.add(pushTarget(), pushLedger({ samples: 7 }, { leftZero: true }));
  const sport = pushTarget({ stream: streamId({ stream: 'sport' }) });
  series.add(sport, pushLedger({ samples: 8 }, { leftZero: false }));

  expect(await samples(lines)).toEqual(['7', '0']);
  zeroHold.scrapeCompleted('curl', series.tables.version(), 0);
  expect(released).toEqual([streamKey(sport.stream)]);
});

test('an answer made before the birth does not release, since the stream is not in it', () => {
  const { series, zeroHold, released } = setUpPushSeries();
  series.add(pushTarget());
  const before = series.tables.version();
  series.setLedger(news, pushLedger({ samples: 12 }, { leftZero: false }));

  zeroHold.scrapeCompleted('curl', before, 0);

  expect(released).toEqual([]);
});

test('a condition that can not be judged has no series, and gets one with the limit', async () => {
  const { series, lines } = setUpPushSeries();
  const name = 'livestream_push_degraded_seconds_total';
  series.add(pushTarget({ expectation: noExpectation }), pushLedger({}));
  expect((await lines(name)).map((line) => /condition="(\w+)"/.exec(line)?.[1])).toEqual(['no_video']);

  series.update(pushTarget({ expectation: alwaysLive }));
  expect((await lines(name)).map((line) => /condition="(\w+)"/.exec(line)?.[1])).toEqual([
    'low_fps',
    'no_video',
    'low_bitrate',
  ]);

  series.update(pushTarget({ expectation: { ...alwaysLive, minFramesPerSecond: undefined } }));
  expect(await lines(name)).toHaveLength(2);
});
