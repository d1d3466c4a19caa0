import { expect, test } from 'vitest';
import { forbiddenTexts, leaks, pseudonymsFor, toRecording } from '../../../src/doctor/record/recording.ts';

const names = { streams: ['lobby', '12345678', 'live'], apps: ['studio', 'ab'], domains: ['push.acme.io'] };

test('finds secrets, names and addresses that are still in a recording', () => {
  const forbidden = forbiddenTexts(['s3cr3t-key'], names);

  expect(forbidden).toEqual(['s3cr3t-key', 'lobby', '12345678', 'studio', 'push.acme.io']);
  for (const text of [
    'at lobby',
    'key s3cr3t-key',
    'x12345678',
    'push.acme.io',
    'PUSH.Acme.io',
    'from 10.1.2.3',
    '{"ip":"2001:4860::77"}',
  ]) {
    expect(leaks(text, forbidden)).toBe(true);
  }
  for (const text of [
    'stream-1 of push-1.example.com from 192.0.2.1, live, version 1.2.3',
    '{"ip":"2001:db8::1","at":"2026-03-01T12:00:00Z","speed":2500000}',
  ]) {
    expect(leaks(text, forbidden)).toBe(false);
  }
});

test('saves recordings of names that look like their replacements', () => {
  const alike = { streams: ['stream-1', 'Stream-22'], apps: ['app-7'], domains: ['push-1.example.com'] };

  expect(forbiddenTexts([], alike)).toEqual([]);
});

test('keeps only headers that readers use, if their value identifies nobody', () => {
  const { response } = toRecording(
    'acme',
    {
      operation: 'ListStreams',
      query: {},
      sentAt: 0,
      response: {
        status: 200,
        headers: {
          date: 'Sun, 01 Mar 2026 12:00:00 GMT',
          'content-type': 'application/json; charset=utf-8',
          'set-cookie': 'session=lobby',
          'x-acs-request-id': 'A-1',
          via: '1.1 proxy.acme.io',
          age: 'lobby',
        },
        text: '{}',
      },
    },
    pseudonymsFor(names),
  );

  expect(response.headers).toEqual({
    date: 'Sun, 01 Mar 2026 12:00:00 GMT',
    'content-type': 'application/json; charset=utf-8',
  });
});
