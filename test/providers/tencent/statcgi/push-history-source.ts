import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import type { PushSample } from '../../../../src/model/push-sample.ts';
import { createStatcgiCall } from '../../../../src/providers/tencent/statcgi/call.ts';
import { createStatcgiPushHistory } from '../../../../src/providers/tencent/statcgi/push-history.ts';
import { pushSample, streamId } from '../../../support/samples.ts';
import { fixture, httpResponse } from '../../recorded.ts';

export const never = new AbortController().signal;
export const key = '5d41402abc4b2a76b9719d911017c592';
/** 2016-01-20 16:50:31 in Beijing. */
export const at = 1_453_279_831_000;
const now = at + 20_000;
export const stream = streamId({ stream: '1234_xxx' });
/** Requested time range of the answers. */
export const window = { from: at - 500, to: at + 19_500 };

export const first = pushSample({
  measuredAt: at,
  clientIp: '203.0.113.7',
  serverIp: '198.51.100.9',
  framesPerSecond: 25,
  bitsPerSecond: 812_345,
});
export const second: PushSample = {
  ...first,
  measuredAt: at + 5_000,
  framesPerSecond: 24,
  bitsPerSecond: 799_001,
};

/** Returns a source that sends its requests with `http`. */
export function sourceOf(http: Http, timeZoneOffsetMs = 8 * 3_600_000) {
  const call = createStatcgiCall({
    http,
    endpoint: 'http://stat.example.com/common_access',
    appId: 1234,
    getCredentials: () => ({ key }),
    now: () => now,
  });
  return createStatcgiPushHistory(call, { timeZoneOffsetMs });
}

/** Returns the recorded response with this name. */
export function stored(name: string): HttpResponse {
  return httpResponse(fixture(`tencent/Get_LivePushStatHistory.${name}.json`));
}

/** Returns the answer to the recorded response with this name. */
export function answerOf(name: string, timeZoneOffsetMs?: number) {
  return sourceOf(async () => stored(name), timeZoneOffsetMs).listPushSamples(stream, window, never);
}

/** Returns a response with a sample at each of these times. */
export function rowsAt(...times: readonly (number | string)[]): HttpResponse {
  const rows = times.map((time) => ({ time, fps: 25, speed: 812_345 }));
  return httpResponse(JSON.stringify({ ret: 0, output: { stream_info: rows } }));
}
