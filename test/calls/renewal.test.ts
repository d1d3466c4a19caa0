import { expect, test } from 'vitest';
import { withRenewal } from '../../src/calls/renewal.ts';
import { type FailureKind, ProviderError } from '../../src/model/answer.ts';
import { fakeCall } from './fake-call.ts';

const rejected = { error: new ProviderError('auth', 'expired') };

test('repeats a rejected call once with the secrets that changed', async () => {
  const { call } = fakeCall(rejected, { answer: 'ok' });
  const secrets = secretsAt('old', 'new');

  await expect(withRenewal(call, secrets)('List', {}, signal)).resolves.toBe('ok');
});

test('repeats a rejected call if another call renewed the secrets in the meantime', async () => {
  const { call } = fakeCall(rejected, { answer: 'ok' });
  let version = 'old';
  const first = withRenewal(
    (...args) => {
      const answer = call(...args);
      version = 'new';
      return answer;
    },
    { version: () => version, renew: async () => {} },
  );

  await expect(first('List', {}, signal)).resolves.toBe('ok');
});

test('fails with the second rejection', async () => {
  const second = new ProviderError('auth', 'still expired');
  const { call } = fakeCall(rejected, { error: second }, { answer: 'ok' });

  await expect(withRenewal(call, secretsAt('old', 'new'))('List', {}, signal)).rejects.toBe(second);
});

test('does not repeat a call whose secrets are the same', async () => {
  const { call } = fakeCall(rejected, { answer: 'ok' });

  await expect(withRenewal(call, secretsAt('old', 'old'))('List', {}, signal)).rejects.toBe(rejected.error);
});

test.each(['refused', 'throttled', 'unavailable', 'malformed', 'internal'] satisfies FailureKind[])(
  'does not renew the secrets after a failure of kind %s',
  async (kind) => {
    const error = new ProviderError(kind, 'x');
    const { call } = fakeCall({ error }, { answer: 'ok' });
    const secrets = secretsAt('old', 'new');

    await expect(withRenewal(call, secrets)('List', {}, signal)).rejects.toBe(error);
    expect(secrets.version()).toBe('old');
  },
);

const { signal } = new AbortController();

function secretsAt(before: string, after: string) {
  let version = before;
  return {
    version: () => version,
    renew: async () => {
      version = after;
    },
  };
}
