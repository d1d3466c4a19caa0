import { expect, test } from 'vitest';
import type { PushSample } from '../../../../src/model/push-sample.ts';
import { createApi3PushHistory } from '../../../../src/providers/tencent/api3/push-history.ts';
import { noon, streamId } from '../../../support/samples.ts';
import { fixture } from '../../recorded.ts';
import { body, callOf } from './api3-source.ts';

/**
 * Each value of the documented row, in the unit of the exporter. The expected values are written out: a unit
 * that is wrong by 1000 (ms, kbit) or by 8 (bytes) fails here.
 */
const values: readonly (readonly [
  field: string,
  unit: string,
  read: (sample: PushSample) => unknown,
  unknown,
])[] = [
  ['Time', 'epoch ms', ({ measuredAt }) => measuredAt, 1_772_366_400_000],
  ['LocalTs', 'ms', ({ periodMs }) => periodMs, 5_000],
  ['VideoTs', 'ms', ({ videoMs }) => videoMs, 5_032],
  ['AudioTs', 'ms', ({ audioMs }) => audioMs, 5_004],
  ['VideoFps', 'frames per second', ({ framesPerSecond }) => framesPerSecond, 25],
  ['VideoRate + AudioRate', 'bits per second', ({ bitsPerSecond }) => bitsPerSecond, 2_528_000],
  ['VideoRate', 'bits per second', ({ media }) => media?.videoBitsPerSecond, 2_400_000],
  ['AudioRate', 'bits per second', ({ media }) => media?.audioBitsPerSecond, 128_000],
  ['AudioFps', 'frames per second', ({ media }) => media?.audioFramesPerSecond, 43],
  ['MateFps', 'frames per second', ({ media }) => media?.declaredFramesPerSecond, 25],
  ['GopSize', 'ms', ({ media }) => media?.keyframeIntervalMs, 2_000],
  ['BeginPushTime', 'epoch ms', ({ media }) => media?.beganAt, 1_772_362_800_000],
  ['Resolution', 'pixels', ({ media }) => media?.resolution, '1920x1080'],
];

/** Fields of the documented row that have no value in the exporter. */
const unread = ['AppName', 'StreamParam', 'MetaVideoRate', 'MetaAudioRate', 'Bandwidth', 'Flux'];
/** Fields of the documented row that are texts without a unit. */
const texts = ['PushDomain', 'ClientIp', 'ServerIp', 'VCodec', 'ACodec', 'Sequence'];

const text = fixture('tencent/DescribeStreamPushInfoList.iso-times.json');
const [row] = JSON.parse(text).Response.DataInfoList;

test.each(values)('reads %s in %s', async (_field, _unit, read, expected) => {
  const call = callOf(async () => body({ DataInfoList: [row] }));
  const window = { from: noon - 60_000, to: noon };
  const stream = streamId({ domain: 'push.example.com' });
  const { items } = await createApi3PushHistory(call).listPushSamples(
    stream,
    window,
    AbortSignal.timeout(5_000),
  );

  expect(items.map(read)).toEqual([expected]);
});

test('covers each field of the documented row', () => {
  const read = values.flatMap(([field]) => field.split(' + '));

  expect(new Set([...read, ...unread, ...texts])).toEqual(new Set(Object.keys(row)));
});
