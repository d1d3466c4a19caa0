import { expect, test } from 'vitest';
import { createLargeBodies } from '../../src/calls/large-bodies.ts';
import { createSources } from '../../src/collectors/sources.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { minuteMs } from '../../src/model/time.ts';
import { alibaba } from '../../src/providers/alibaba/index.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startFakeService } from '../providers/kit/fake-service.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { bothProviders } from '../support/scenarios.ts';

/* The real library gets keys from a URI on this host, and the simulator checks their signature and token. */

const Expiration = '2036-03-01T12:00:00Z';
const right = {
  AccessKeyId: 'the-id',
  AccessKeySecret: 'the-secret',
  SecurityToken: 'the-token',
  Expiration,
};

test('signs requests with the keys that the library returns', async () => {
  await using world = await startWorld();
  world.answer(right);

  await expect(world.list()).resolves.toMatchObject({ malformed: 0 });
  await expect(world.list()).resolves.toMatchObject({ malformed: 0 });

  expect(world.keyRequests).toHaveLength(1);
});

test('gets new keys when the provider rejects the old ones, and repeats the request', async () => {
  await using world = await startWorld();
  world.answer({ ...right, SecurityToken: 'revoked' });
  await expect(world.list()).rejects.toMatchObject({ kind: 'auth' });
  world.answer(right);
  await world.clock.advance(minuteMs);

  await expect(world.list()).resolves.toMatchObject({ malformed: 0 });

  expect(world.keyRequests).toHaveLength(2);
});

test('fails with what the source of the keys lacks, and sends no request without keys', async () => {
  await using world = await startWorld();
  world.answer({ AccessKeyId: '', AccessKeySecret: 'the-secret' });

  await expect(world.list()).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('alibaba: credentials from uri: the response contains no keys'),
  });

  expect(world.attempts).toEqual(['unavailable', 'unavailable']);
});

async function startWorld() {
  const clock = createManualClock();
  const simulator = await startSimulator({ scenario: bothProviders, clock });
  const service = await startFakeService();
  const attempts: unknown[] = [];
  const sources = createSources(
    alibaba,
    accountAt(`http://127.0.0.1:${simulator.port}`),
    new Map(),
    new Map(),
    {
      observers: {
        onRequest: ({ kind }) => void attempts.push(kind),
        onClockOffset: () => undefined,
        onBudget: () => undefined,
        onInsecureEndpoint: () => undefined,
        onSecretsRead: () => undefined,
        onRenewal: () => undefined,
      },
      env: { ALIBABA_CLOUD_CREDENTIALS_URI: `http://127.0.0.1:${service.port}/keys` },
      largeBodies: createLargeBodies(),
      clock: withoutWaits(clock),
      toleranceMs: () => minuteMs,
      random: () => 0,
      nonce: () => crypto.randomUUID(),
    },
  );
  return {
    clock,
    attempts,
    keyRequests: service.requests,
    answer: (body: object) => service.answer(() => ({ body })),
    list: async () =>
      sources.byQuestion.control_history?.listControlActions(
        { domain: 'play.example.com', appName: undefined },
        { from: clock.now() - minuteMs, to: clock.now() },
        new AbortController().signal,
      ),
    async [Symbol.asyncDispose]() {
      await sources.close();
      await service[Symbol.asyncDispose]();
      await simulator.close();
    },
  };
}

/** A sleep of at most a second, such as for a token or a retry, advances the clock. Deadlines stay. */
function withoutWaits(clock: ManualClock): ManualClock {
  return {
    ...clock,
    sleep: async (ms, signal) => (ms > 1_000 ? clock.sleep(ms, signal) : clock.advance(ms)),
  };
}

function accountAt(endpoint: string): Config['accounts'][number] {
  const loaded = loadConfig(
    `accounts:\n  - {name: a, provider: alibaba, endpoint: "${endpoint}", credentials: {from: uri}}\n`,
    'test.yaml',
  );
  const [account] = 'config' in loaded ? loaded.config.accounts : [];
  if (account === undefined) throw new Error('the config of this test is invalid');
  return account;
}
