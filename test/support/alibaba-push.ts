import type { Call, Http, HttpResponse, Query } from '../../src/calls/call.ts';
import type { InSlices } from '../../src/model/slices.ts';
import { createAlibabaCall } from '../../src/providers/alibaba/call.ts';
import { createDomainMappings } from '../../src/providers/alibaba/domain-mapping.ts';
import { createAlibabaForbiddenStreams } from '../../src/providers/alibaba/forbidden-streams.ts';
import { createAlibabaLivePushes } from '../../src/providers/alibaba/live-pushes.ts';
import { createAlibabaOnlineStreams } from '../../src/providers/alibaba/online-streams.ts';
import { createPushDomains } from '../../src/providers/alibaba/push-domains.ts';
import { createAlibabaPushHistory } from '../../src/providers/alibaba/push-history.ts';
import { createUnitCheck } from '../../src/providers/alibaba/unit-check.ts';
import type { BitrateUnit } from '../../src/providers/alibaba/units.ts';
import { httpResponse } from '../providers/recorded.ts';
import { noon, pushSample } from './samples.ts';
import { inOneSlice } from './slices.ts';

export const never = new AbortController().signal;
export const stream = { domain: 'play.example.com', appName: 'live', stream: 'room-1' };
export const identity = { ...stream, account: 'aliyun', provider: 'alibaba' } as const;
export const window = { from: noon - 500, to: noon + 19_500 };

interface SourceOptions {
  readonly configured?: Readonly<Record<string, readonly string[]>>;
  readonly units?: Readonly<Record<string, BitrateUnit>>;
  readonly now?: () => number;
  readonly inSlices?: InSlices;
}

/** Creates a call with the transport `http`. */
export function callOf(http: Http, now = () => noon + 20_000, inSlices = inOneSlice): Call {
  return createAlibabaCall({
    http,
    endpoint: 'https://live.example.com',
    getCredentials: () => ({
      accessKeyId: 'the-id',
      accessKeySecret: 'the-secret',
      securityToken: 'the-token',
    }),
    signature: 'v3',
    format: 'json',
    now,
    nonce: () => 'nonce',
    inSlices,
  });
}

/** Creates the sources of an account, which use `call`. By default, play.example.com has one ingest domain. */
export function sourcesOf(
  call: Call,
  { configured, units = {}, now = () => noon + 20_000, inSlices = inOneSlice }: SourceOptions = {},
) {
  const pushDomains = createPushDomains({
    configured: configured ?? { 'play.example.com': ['push.example.com'] },
    mappingOf: createDomainMappings(call, { now }),
    now,
  });
  const unitCheck = createUnitCheck();
  return {
    pushDomains,
    push: createAlibabaPushHistory(call, { pushDomains, units, unitCheck, now }),
    pushes: createAlibabaLivePushes(call, { pushDomains, units, unitCheck, now, inSlices }),
    online: createAlibabaOnlineStreams(call, { pushDomains, now, inSlices }),
    bans: createAlibabaForbiddenStreams(call, { pushDomains, now, inSlices }),
  };
}

/** Row of DescribeLiveCenterStreamRateData. */
export const row = {
  Time: '2026-03-01T12:00:00Z',
  VideoFps: '25',
  AudioFps: '43',
  VideoRate: '2400000',
  AudioRate: '128000',
};

/** Row of the time after `row`. */
export const later = { ...row, Time: '2026-03-01T12:00:05Z', VideoFps: '24.5', VideoRate: '2300000' };

/** Sample of `row`, without media values. */
export const first = pushSample({
  measuredAt: noon,
  clientIp: undefined,
  serverIp: undefined,
  framesPerSecond: 25,
  bitsPerSecond: 2_528_000,
  media: undefined,
});
/** Media values of `row`, requested from push.example.com. */
export const media = {
  videoBitsPerSecond: 2_400_000,
  audioBitsPerSecond: 128_000,
  audioFramesPerSecond: 43,
  declaredFramesPerSecond: undefined,
  keyframeIntervalMs: undefined,
  resolution: undefined,
  videoCodec: undefined,
  audioCodec: undefined,
  pushDomain: 'push.example.com',
  beganAt: undefined,
};
/** Sample of `row` as the newest one of an answer. */
export const only = { ...first, media };

export function rates(...list: readonly unknown[]): HttpResponse {
  return body({ RateDatas: list });
}

export function body(fields: object): HttpResponse {
  return httpResponse(JSON.stringify({ RequestId: 'A', ...fields }));
}

export function failed(Code: string, status = 400): HttpResponse {
  return httpResponse(JSON.stringify({ Code, Message: 'text', RequestId: 'A', HostId: 'live' }), { status });
}

/** Failed responses that each operation can have, by kind of failure. */
export const failures = {
  auth: [failed('SignatureDoesNotMatch'), failed('Forbidden.RAM', 403)],
  refused: [failed('InvalidDomain.NotFound', 404), failed('IllegalOperation', 403)],
  throttled: [failed('Throttling'), httpResponse('', { status: 429 })],
  unavailable: [failed('ServiceUnavailable', 503), httpResponse('', { status: 502 })],
};

export interface Sent {
  readonly operation: string;
  readonly query: Query;
}

/** Creates a transport that answers by operation and domain, and records the requests. */
export function answering(answer: (request: Sent) => HttpResponse) {
  const sent: Sent[] = [];
  const http: Http = async ({ url, headers }) => {
    const query = Object.fromEntries(new URL(url).searchParams);
    const request = { operation: headers['x-acs-action'] ?? '', query };
    sent.push(request);
    return answer(request);
  };
  return { sent, call: callOf(http) };
}
