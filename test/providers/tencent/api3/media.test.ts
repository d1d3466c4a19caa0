import { expect, test } from 'vitest';
import { createMediaReader } from '../../../../src/providers/tencent/api3/media.ts';

const read = createMediaReader();

test.each([
  ['1920*1080', '1920x1080'],
  ['368X640', '368x640'],
  [' 1280x720 ', '1280x720'],
  ['720P', undefined],
  ['0*0', undefined],
  ['', undefined],
  [1920, undefined],
])('reads the resolution %j as %j', (Resolution, resolution) => {
  expect(read({ Resolution }).resolution).toBe(resolution);
});

test.each([
  ['2021-03-01 00:00:00', Date.UTC(2021, 1, 28, 16)],
  ['2019-06-21 00:29:12.252', Date.UTC(2019, 5, 20, 16, 29, 12, 252)],
  ['2019-06-21T12:00:00+08:00', Date.UTC(2019, 5, 21, 4)],
  ['2019-06-21T04:00:00Z', Date.UTC(2019, 5, 21, 4)],
  ['-', undefined],
])('reads the begin of the push %j', (BeginPushTime, beganAt) => {
  expect(read({ BeginPushTime }).beganAt).toBe(beganAt);
});

test.each([
  ['a number', { GopSize: 2_000, MateFps: 30, AudioFps: 0 }, [2_000, 30, 0]],
  ['a text', { GopSize: '2000', MateFps: '29.97', AudioFps: '43' }, [2_000, 29.97, 43]],
  ['unknown', { GopSize: null, MateFps: 0, AudioFps: null }, [undefined, undefined, undefined]],
  ['implausible', { GopSize: 600_001, MateFps: -1 }, [undefined, undefined, undefined]],
])('reads keyframe interval (ms), declared and audio frame rate: %s', (_what, fields, expected) => {
  const media = read(fields);

  expect([media.keyframeIntervalMs, media.declaredFramesPerSecond, media.audioFramesPerSecond]).toEqual(
    expected,
  );
});

test('keeps unknown values undefined, also implausible bit rates', () => {
  expect(read({ VideoRate: 2_000_000, AudioRate: 10_000_000_001 })).toEqual({
    videoBitsPerSecond: 2_000_000,
    audioBitsPerSecond: undefined,
    audioFramesPerSecond: undefined,
    declaredFramesPerSecond: undefined,
    keyframeIntervalMs: undefined,
    resolution: undefined,
    videoCodec: undefined,
    audioCodec: undefined,
    pushDomain: undefined,
    beganAt: undefined,
  });
});
