import type { Http, HttpResponse } from '../../src/calls/call.ts';
import type { ControlAction } from '../../src/model/control-action.ts';
import type { ControlHistorySource, ControlledDomain } from '../../src/model/questions.ts';
import type { Window } from '../../src/model/time.ts';
import { createAlibabaCall } from '../../src/providers/alibaba/call.ts';
import { createAlibabaControlHistory } from '../../src/providers/alibaba/control-history.ts';
import { fixture, httpResponse } from '../providers/recorded.ts';
import { inOneSlice } from './slices.ts';

export const never = new AbortController().signal;
export const now = Date.UTC(2025, 6, 7, 12, 0, 0, 500);
export const domain = { domain: 'play.example.com', appName: undefined };
export const window = { from: Date.UTC(2025, 6, 7, 0, 0, 0, 500), to: Date.UTC(2025, 6, 7, 11, 59, 58, 1) };

/** The two actions in most recorded responses. */
export const forbidden: ControlAction = {
  actedAt: Date.UTC(2025, 6, 7, 3, 37, 2),
  domain: 'play.example.com',
  appName: 'live',
  stream: 'cam1',
  action: 'forbid',
  clientIp: '11.0.0.1',
};
export const resumed: ControlAction = {
  ...forbidden,
  actedAt: Date.UTC(2025, 6, 7, 6, 48, 52),
  action: 'resume',
  clientIp: '11.0.0.2',
};

/** Creates a source with the transport `http` and a clock that always shows `now`. */
export function sourceOf(http: Http, signature: 'v1' | 'v3' = 'v3'): ControlHistorySource {
  const call = createAlibabaCall({
    http,
    endpoint: 'https://live.example.com',
    getCredentials: () => ({
      accessKeyId: 'testid',
      accessKeySecret: 'testsecret',
      securityToken: 'STS/tok+en==',
    }),
    signature,
    format: 'json',
    now: () => now,
    nonce: () => 'nonce',
    inSlices: inOneSlice,
  });
  return createAlibabaControlHistory(call, { now: () => now });
}

export function stored(name: string): HttpResponse {
  return httpResponse(fixture(`alibaba/DescribeLiveStreamsControlHistory.${name}`));
}

/** Returns the answer of a source to `response`. */
export function answerOf(response: HttpResponse, of: ControlledDomain = domain, asked: Window = window) {
  return sourceOf(async () => response).listControlActions(of, asked, never);
}

export function rows(...records: readonly object[]): HttpResponse {
  return httpResponse(JSON.stringify({ RequestId: 'A', ControlInfo: { LiveStreamControlInfo: records } }));
}

/** Returns the record of `forbidden` with other values for `part`. */
export function record(part: object = {}): object {
  return {
    Action: 'forbid',
    StreamName: 'play.example.com/live/cam1',
    ClientIP: '11.0.0.1',
    TimeStamp: '2025-07-07T03:37:02Z',
    ...part,
  };
}
