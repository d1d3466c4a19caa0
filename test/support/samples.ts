import type { Expectation } from '../../src/model/expectation.ts';
import type { PushMedia } from '../../src/model/push-media.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { StreamId } from '../../src/model/stream.ts';
import type { PushTarget } from '../../src/model/target.ts';

/** 2026-03-01T12:00:00Z, a Sunday: the current time of most tests. */
export const noon = Date.UTC(2026, 2, 1, 12);

export function pushSample(part: Partial<PushSample> = {}): PushSample {
  return {
    measuredAt: noon,
    periodMs: 5000,
    clientIp: '192.0.2.10',
    serverIp: '198.51.100.1',
    session: undefined,
    framesPerSecond: 25,
    bitsPerSecond: 2_000_000,
    ...part,
  };
}

/** Media values of a push, as API 3.0 of Tencent reports them. */
export function pushMedia(part: Partial<PushMedia> = {}): PushMedia {
  return {
    videoBitsPerSecond: 2_400_000,
    audioBitsPerSecond: 128_000,
    audioFramesPerSecond: 43,
    declaredFramesPerSecond: 25,
    keyframeIntervalMs: 2_000,
    resolution: '1920x1080',
    videoCodec: 'h264',
    audioCodec: 'aac',
    pushDomain: 'push.example.com',
    beganAt: noon - 3_600_000,
    ...part,
  };
}

/** Returns a sample every five seconds, including `from` and excluding `to`. */
export function samplesBetween(from: number, to: number, part: Partial<PushSample> = {}): PushSample[] {
  const samples: PushSample[] = [];
  for (let at = from; at < to; at += 5000) samples.push(pushSample({ ...part, measuredAt: at }));
  return samples;
}

/** Returns one sample at the time `at` of each of many publishers, with the numbers `from` to `to` - 1. */
export function publishersAt(at: number, from: number, to: number): PushSample[] {
  return Array.from({ length: to - from }, (_, i) => {
    const number = from + i;
    return pushSample({
      measuredAt: at,
      clientIp: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
    });
  });
}

export const noExpectation: Expectation = {
  framesPerSecond: undefined,
  bitsPerSecond: undefined,
  minFramesPerSecond: undefined,
  minBitsPerSecond: undefined,
  live: undefined,
};

/** 25 frames and 2 Mbit per second, always due; degraded below 20 frames or 1 Mbit per second. */
export const alwaysLive: Expectation = {
  framesPerSecond: 25,
  bitsPerSecond: 2_000_000,
  minFramesPerSecond: 20,
  minBitsPerSecond: 1_000_000,
  live: true,
};

export function streamId(part: Partial<StreamId> = {}): StreamId {
  return {
    account: 'tencent',
    provider: 'tencent',
    domain: 'push.example.com',
    appName: 'live',
    stream: 'news',
    ...part,
  };
}

export function pushTarget(part: Partial<PushTarget> = {}): PushTarget {
  return {
    stream: streamId(),
    expectation: alwaysLive,
    labels: {},
    intervalMs: 5000,
    expectedDelayMs: 10_000,
    lookbackMs: 60_000,
    staleAfterMs: 30_000,
    ...part,
  };
}
