import { expect, test } from 'vitest';
import { streamKey } from '../../../src/model/stream.ts';
import { news, pushLedger, setUpPushSeries } from '../../support/push-series.ts';
import { alwaysLive, noExpectation, noon, pushTarget, streamId } from '../../support/samples.ts';

const samples = async (lines: (...names: readonly string[]) => Promise<readonly string[]>) =>
  (await lines('livestream_push_samples_total')).map((line) => line.split(' ').at(-1));

test('exposes a ledger at 0, whatever its totals, until the ledger has left 0', async () => {
  const { series, scrape, released, lines } = setUpPushSeries();
  series.add(pushTarget());
  series.setLedger(news, pushLedger({ samples: 12 }, { leftZero: false, newestAt: noon }));
  expect(await samples(lines)).toEqual(['0']);
  expect(await lines('livestream_push_sample_timestamp_seconds')).toHaveLength(1);

  scrape();
  expect(released).toEqual([news]);
  series.setLedger(news, pushLedger({ samples: 13 }, { leftZero: false }));
  expect(await samples(lines)).toEqual(['0']);

  series.setLedger(news, pushLedger({ samples: 13 }, { leftZero: true }));
  expect(await samples(lines)).toEqual(['13']);
  scrape();
  expect(released).toEqual([news]);
});

test('exposes a restored ledger at its value if it has left 0, and holds it again otherwise', async () => {
  const { series, scrape, released, lines } = setUpPushSeries();
  series.add(pushTarget(), pushLedger({ samples: 7 }, { leftZero: true }));
  const sport = pushTarget({ stream: streamId({ stream: 'sport' }) });
  series.add(sport, pushLedger({ samples: 8 }, { leftZero: false }));

  expect(await samples(lines)).toEqual(['7', '0']);
  scrape();
  expect(released).toEqual([streamKey(sport.stream)]);
});

test('does not release a stream with a response rendered before the stream was added', () => {
  const { series, scrape, released } = setUpPushSeries();
  series.add(pushTarget());
  const before = series.tables.version();
  series.setLedger(news, pushLedger({ samples: 12 }, { leftZero: false }));

  scrape(before);

  expect(released).toEqual([]);
});

test('adds the series of a condition when a limit makes it possible to evaluate', async () => {
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

test('has only the condition of the bit rate for an audio-only stream', async () => {
  const { series, lines } = setUpPushSeries();
  const expectation = { ...alwaysLive, isAudioOnly: true };

  series.add(pushTarget({ expectation }), pushLedger({ mediaMs: { video: 0, audio: 5004 } }));

  const conditions = await lines('livestream_push_degraded_seconds_total');
  expect(conditions.map((line) => /condition="(\w+)"/.exec(line)?.[1])).toEqual(['low_bitrate']);
});
