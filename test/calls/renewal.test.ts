import { describe, expect, test } from 'vitest';
import type { Call, RenewableSecrets } from '../../src/calls/call.ts';
import { withRenewal } from '../../src/calls/renewal.ts';
import { type FailureKind, ProviderError } from '../../src/model/answer.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';
import { fakeCall } from './fake-call.ts';

const rejected = { error: new ProviderError('auth', 'expired') };

test('repeats a rejected call once with the secrets that changed', async () => {
  const { call } = fakeCall(rejected, { answer: 'ok' });
  const secrets = secretsAt('old', 'new');

  await expect(renewing(call, secrets)('List', {}, signal)).resolves.toBe('ok');
});

test('repeats a rejected call if another call renewed the secrets in the meantime', async () => {
  const { call } = fakeCall(rejected, { answer: 'ok' });
  let version = 'old';
  const first = renewing(
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

  await expect(renewing(call, secretsAt('old', 'new'))('List', {}, signal)).rejects.toBe(second);
});

test('does not repeat a call whose secrets are the same', async () => {
  const { call } = fakeCall(rejected, { answer: 'ok' });

  await expect(renewing(call, secretsAt('old', 'old'))('List', {}, signal)).rejects.toBe(rejected.error);
});

test.each(['refused', 'throttled', 'unavailable', 'malformed', 'internal'] satisfies FailureKind[])(
  'does not renew the secrets after a failure of kind %s',
  async (kind) => {
    const error = new ProviderError(kind, 'x');
    const { call } = fakeCall({ error }, { answer: 'ok' });
    const secrets = secretsAt('old', 'new');

    await expect(renewing(call, secrets)('List', {}, signal)).rejects.toBe(error);
    expect(secrets.version()).toBe('old');
  },
);

describe('if a file hangs, as on a network file system that is gone', () => {
  const hanging = { version: () => 'old', renew: () => new Promise<void>(() => {}) };

  test('fails with the rejection after 2 s', async () => {
    const clock = createManualClock();
    const { call } = fakeCall(rejected);
    const failure = expect(withRenewal(call, hanging, clock)('List', {}, signal)).rejects.toBe(
      rejected.error,
    );

    await clock.advance(2_000);

    await failure;
  });

  test('stops at once on an abort', async () => {
    const stop = new AbortController();
    const { call } = fakeCall(rejected);
    const failure = expect(renewing(call, hanging)('List', {}, stop.signal)).rejects.toThrow('stopping');
    await settle();

    stop.abort(new Error('stopping'));

    await failure;
  });
});

const { signal } = new AbortController();

function renewing(call: Call, secrets: RenewableSecrets): Call {
  return withRenewal(call, secrets, createManualClock());
}

function secretsAt(before: string, after: string) {
  let version = before;
  return {
    version: () => version,
    renew: async () => {
      version = after;
    },
  };
}
