import { expect, test } from 'vitest';
import { PlainFailure, toLibraryFailure } from '../../../src/providers/kit/library-failure.ts';

/* Texts of the libraries that no fake service causes. `hunter2` stands for a secret in a text of a library. */

test.each([
  [
    "parse aliyun cli config from '/root/.aliyun/config.json' failed: {secret: hunter2",
    'auth',
    'unsupported mode',
  ],
  ["unable to get profile with 'hunter2'", 'auth', 'the profile does not exist'],
  ["unsupported profile mode 'hunter2'", 'auth', 'unsupported mode'],
  [
    'error retrieving credentials from credentialsURI result: {"AccessKeySecret":"hunter2"}.',
    'unavailable',
    'no keys',
  ],
  ['get sts token failed with OIDC', 'unavailable', 'no keys'],
  ['invalid UTC format time string', 'unavailable', 'no readable expiry'],
  ['the access key secret is empty', 'auth', 'a key of the profile is empty'],
  ['CloudSSO access token is empty or expired, please re-login with cli.', 'auth', 'has expired'],
  ['failed to execute external command: hunter2', 'auth', 'the command of the profile failed'],
  ['failed to refresh OAuth token, status code: 502', 'unavailable', 'HTTP 502'],
  ['get session token from OAuth failed: {"Code":"Forbidden.hunter2x"}', 'auth', 'not shown'],
  [
    'request to https://sts.x/ failed, reason: self-signed certificate',
    'unavailable',
    'TLS failed (self-signed certificate)',
  ],
  [
    'request to https://sts.x/ failed, reason: getaddrinfo EAI_AGAIN sts.x',
    'unavailable',
    'connection failed (EAI_AGAIN)',
  ],
  ['network timeout at: https://sts.x/', 'unavailable', 'no response in time'],
  ['something new with hunter2', 'auth', 'not shown'],
])('classifies %j and shows no secret', (message, kind, text) => {
  const failure = toLibraryFailure(new Error(message));

  expect(failure).toEqual({ kind, text: expect.stringContaining(text) });
  expect(failure.text).not.toContain('hunter2');
});

test('reads the code of an error', () => {
  const error = Object.assign(new Error('hunter2'), { code: 'ECONNRESET' });

  expect(toLibraryFailure(error)).toEqual({ kind: 'unavailable', text: 'connection failed (ECONNRESET)' });
});

test('shows a text of its own', () => {
  expect(toLibraryFailure(new PlainFailure('auth', 'no profile'))).toEqual({
    kind: 'auth',
    text: 'no profile',
  });
  expect(toLibraryFailure('hunter2').text).not.toContain('hunter2');
});
