import type { Http, HttpResponse } from '../../src/calls/call.ts';
import type { ControlAction } from '../../src/model/control-action.ts';
import type { ControlHistorySource, ControlledDomain } from '../../src/model/questions.ts';
import { createAlibabaCall } from '../../src/providers/alibaba/call.ts';
import { createAlibabaControlHistory } from '../../src/providers/alibaba/control-history.ts';
import { fixture, httpAnswer } from '../providers/recorded.ts';

export const never = new AbortController().signal;
export const now = Date.UTC(2025, 6, 7, 12, 0, 0, 500);
export const domain = { domain: 'play.example.com', appName: undefined };
export const window = { from: Date.UTC(2025, 6, 7, 0, 0, 0, 500), to: Date.UTC(2025, 6, 7, 11, 59, 58, 1) };

/** The two actions that most of the stored answers hold. */
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

/** The source in front of a provider that answers with `http`, always at `now`. */
export function sourceOf(http: Http, signature: 'v1' | 'v3' = 'v3'): ControlHistorySource {
  const call = createAlibabaCall({
    http,
    endpoint: 'https://live.example.com',
    accessKeyId: 'testid',
    accessKeySecret: 'testsecret',
    securityToken: 'STS/tok+en==',
    signature,
    format: 'json',
    now: () => now,
    nonce: () => 'nonce',
  });
  return createAlibabaControlHistory(call, { now: () => now });
}

export function stored(name: string): HttpResponse {
  return httpAnswer(fixture(`alibaba/DescribeLiveStreamsControlHistory.${name}`));
}

/** What the source makes of `answer`, asked about `window`. */
export function ask(answer: HttpResponse, of: ControlledDomain = domain) {
  return sourceOf(async () => answer).listControlActions(of, window, never);
}

export function rows(...records: readonly object[]): HttpResponse {
  return httpAnswer(JSON.stringify({ RequestId: 'A', ControlInfo: { LiveStreamControlInfo: records } }));
}

/** The record of `forbidden`, otherwise as told. */
export function record(part: object = {}): object {
  return {
    Action: 'forbid',
    StreamName: 'play.example.com/live/cam1',
    ClientIP: '11.0.0.1',
    TimeStamp: '2025-07-07T03:37:02Z',
    ...part,
  };
}
