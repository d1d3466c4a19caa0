import { expect, test } from 'vitest';
import { differentUnitWarning } from '../../../src/providers/alibaba/unit-check.ts';
import { type BitrateUnit, unitWarning } from '../../../src/providers/alibaba/units.ts';
import { valueWarning } from '../../../src/providers/kit/push-values.ts';
import { answering, never, rates, sourcesOf } from '../../support/alibaba-push.ts';
import { noon } from '../../support/samples.ts';
import { answerTo, app, operation, row, rows } from './live-push-rows.ts';

test.each([
  [undefined, 8],
  ['byte', 8],
  ['bit', 1],
  ['kbit', 1_000],
] as const)('with the unit %s, the number 1 is %i bit/s', async (unit, bits) => {
  const { items } = await answerTo(rows({ ...row, BitRate: 30_000 }), unit);

  expect(items[0]?.sample.bitsPerSecond).toBe(30_000 * bits);
});

test('keeps unknown values apart from 0, and drops implausible ones with a warning', async () => {
  const { items, warnings } = await answerTo(
    rows(
      { ...row, VideoFrameRate: 0 },
      { ...row, VideoFrameRate: undefined },
      { ...row, BitRate: '' },
      { ...row, VideoFrameRate: -1 },
      { ...row, BitRate: 1e12 },
    ),
  );

  expect(items.map(({ sample }) => [sample.framesPerSecond, sample.bitsPerSecond])).toEqual([
    [0, 2_528_000],
    [undefined, 2_528_000],
    [25, undefined],
    [undefined, 2_528_000],
    [25, undefined],
  ]);
  expect(warnings).toEqual([valueWarning]);
});

test('warns if the bit rates of all streams are implausible', async () => {
  const low = [1, 2, 3].map((n) => ({ ...row, StreamUrl: `rtmp://x/live/${n}`, BitRate: 2_000 }));

  expect((await answerTo(rows(...low))).warnings).toEqual([unitWarning(operation)]);
  expect((await answerTo(rows(...low, row))).warnings).toEqual([]);
});

/**
 * Requests the history of three streams with 2,528 kbit/s, then a list in which they have the bit rate
 * `BitRate`.
 */
async function warningsAfterHistory(BitRate: number, unit?: BitrateUnit, streams = 3) {
  const names = Array.from({ length: streams }, (_, n) => `room-${n}`);
  const { call } = answering((request) =>
    request.operation === operation
      ? rows(...names.map((name) => ({ ...row, BitRate, StreamUrl: `rtmp://x/live/${name}` })))
      : rates({ Time: '2026-03-01T12:00:00Z', VideoFps: '25', VideoRate: '2400000', AudioRate: '128000' }),
  );
  const { push, pushes } = sourcesOf(call, { units: unit === undefined ? {} : { [operation]: unit } });
  const window = { from: noon - 500, to: noon + 19_500 };
  for (const stream of names) {
    await push.listPushSamples({ ...app, account: 'a', provider: 'alibaba', stream }, window, never);
  }
  return (await pushes.listLivePushes(app, never)).warnings;
}

test.each([
  [316_000, undefined, []],
  [230_000, undefined, []],
  [2_528_000, undefined, [differentUnitWarning(operation, 'bit', 8)]],
  [2_528, undefined, [differentUnitWarning(operation, 'kbit', 0.008)]],
  [2_528_000, 'bit', []],
  [316_000, 'bit', [differentUnitWarning(operation, 'byte', 0.125)]],
  [2_528, 'kbit', []],
] as const)('compares the bit rate %i in the unit %s with the history', async (rate, unit, warnings) => {
  const found = await warningsAfterHistory(rate, unit);

  expect(found.filter((each) => each !== unitWarning(operation))).toEqual(warnings);
});

test('compares no bit rates of fewer than three streams', async () => {
  expect(await warningsAfterHistory(2_528_000, undefined, 2)).toEqual([]);
});
