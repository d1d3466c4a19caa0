import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../../src/calls/call.ts';
import { createApi3StreamState } from '../../../../src/providers/tencent/api3/stream-state.ts';
import { httpResponse, recorded } from '../../recorded.ts';
import { body, callOf, commonFailures, failed } from './api3-source.ts';

const never = new AbortController().signal;
const stream = {
  account: 'a',
  provider: 'tencent',
  domain: 'push.example.com',
  appName: '',
  stream: 'room-1',
} as const;

function stateOf(response: HttpResponse) {
  return createApi3StreamState(callOf(async () => response)).isForbidden(stream, never);
}

test.each([
  ['forbid', true],
  ['active', false],
  ['inactive', false],
  ['paused', undefined],
])('reads the state %s', async (StreamState, isForbidden) => {
  expect(await stateOf(body({ StreamState }))).toBe(isForbidden);
});

test('sends domain, application and stream', async () => {
  const { http, sent } = recorded(body({ StreamState: 'active' }));

  await createApi3StreamState(callOf(http)).isForbidden(stream, never);

  expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
    DomainName: 'push.example.com',
    AppName: 'live',
    StreamName: 'room-1',
  });
});

test.each([
  'FailedOperation.StreamNotExist',
  'ResourceUnavailable.StreamNotExist',
  'FailedOperation.HasNotLivingStream',
  'InvalidParameterValue',
])('knows nothing about a stream with the code %s', async (code) => {
  expect(await stateOf(failed(code))).toBeUndefined();
});

test('rejects other failures, and a response without a state', async () => {
  for (const kind of ['auth', 'throttled', 'unavailable'] as const) {
    for (const response of commonFailures[kind])
      await expect(stateOf(response)).rejects.toMatchObject({ kind });
  }
  await expect(stateOf(body({}))).rejects.toMatchObject({ kind: 'malformed' });
});

test.each([
  ['a stopped service', failed('ResourceNotFound.FreezeService')],
  ['an account without the service', failed('ResourceNotFound.UserNotExist')],
  ['an unknown domain', failed('ResourceNotFound.DomainNotExist')],
  ['an operation that is not offered', failed('InvalidAction')],
  ['a page of a gateway', httpResponse('<html>', { status: 404 })],
])('rejects a refusal that is not about the stream: %s', async (_what, response) => {
  await expect(stateOf(response)).rejects.toMatchObject({ kind: 'refused' });
});
