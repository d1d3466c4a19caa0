import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../../src/model/answer.ts';
import { hourMs, minuteMs, secondMs } from '../../../src/model/time.ts';
import { createCredentialCache } from '../../../src/providers/kit/credential-cache.ts';
import type { Issued } from '../../../src/providers/kit/library.ts';
import { createManualClock, settle } from '../../support/manual-clock.ts';

interface Keys {
  readonly id: string;
}

const never = new AbortController().signal;
const down = new ProviderError('unavailable', 'HTTP 503');

test('gets credentials once for all requests that wait for the first ones', async () => {
  const role = createRole();
  role.hang();

  const waiting = Promise.all([role.get(), role.get(), role.get()]);
  await settle();
  role.release();

  expect(await waiting).toEqual([{ id: 'key-1' }, { id: 'key-1' }, { id: 'key-1' }]);
  expect(role.calls()).toBe(1);
});

test('renews 100 times during load without a request that waits or fails', async () => {
  const role = createRole({ lifeMs: hourMs });
  await role.get();
  const used = new Set<string>();
  let late = 0;

  for (let second = 0; role.calls() < 101; second++) {
    for (let i = 0; i < 20; i++) {
      const keys = role.get();
      if (keys instanceof Promise) throw new Error(`a request waits at ${second} s`);
      used.add(keys.id);
      if (role.remainingMs(keys) < 25 * minuteMs) late += 1;
    }
    await role.clock.advance(10 * secondMs);
  }

  expect(used.size).toBe(100);
  expect(late).toBe(0);
});

test('keeps the old credentials until the new ones exist', async () => {
  const role = createRole({ lifeMs: hourMs });
  await role.get();
  await role.clock.advance(30 * minuteMs);
  role.hang();

  expect(role.get()).toEqual({ id: 'key-1' });
  expect(role.get()).toEqual({ id: 'key-1' });
  await settle();
  role.release();
  await settle();

  expect(role.get()).toEqual({ id: 'key-2' });
  expect(role.calls()).toBe(2);
});

test.each([
  ['a session of an hour', hourMs, 30 * minuteMs],
  ['a session of 12 h', 12 * hourMs, hourMs],
  ['a session of a minute', minuteMs, 30 * secondMs],
  ['a session that ends now', 0, 10 * secondMs],
  ['an expired one, or a wrong local clock', -hourMs, 10 * secondMs],
  ['an unknown expiry', undefined, 5 * minuteMs],
])('renews %s at half of its remaining life', async (_, lifeMs, renewMs) => {
  const role = createRole({ lifeMs });
  expect(await role.get()).toEqual({ id: 'key-1' });

  await role.clock.advance(renewMs - 1);
  await role.get();
  await settle();
  expect(role.calls()).toBe(1);

  await role.clock.advance(1);
  await role.get();
  await settle();
  expect(role.calls()).toBe(2);
});

test('asks more often for a role whose credentials are the same until shortly before they expire', async () => {
  const role = createRole({ lifeMs: 6 * hourMs, rotatesMs: 5 * minuteMs });
  await role.get();
  let shortestMs = Infinity;

  while (role.clock.elapsed() < 24 * hourMs) {
    const keys = await role.get();
    shortestMs = Math.min(shortestMs, role.remainingMs(keys));
    await role.clock.advance(5 * secondMs);
  }

  expect(shortestMs).toBeGreaterThan(2 * minuteMs);
  expect(role.calls()).toBeLessThan(24 * 4);
});

describe('if the role endpoint fails for 10 minutes', () => {
  test('uses the old credentials as long as they live, and reports the failure once', async () => {
    const role = createRole({ lifeMs: hourMs });
    await role.get();
    await role.clock.advance(30 * minuteMs);
    role.fail(down);

    await role.poll(10 * minuteMs, 5 * secondMs);
    role.fail(undefined);
    await role.poll(30 * secondMs, 5 * secondMs);

    expect(role.failures()).toEqual([]);
    expect(role.reports).toEqual([down, undefined]);
    expect(await role.get()).not.toEqual({ id: 'key-1' });
  });

  test.each([
    ['refuses', (role: Role) => role.fail(down)],
    ['hangs', (role: Role) => role.timeOut(8 * secondMs, down)],
  ])('heals within 30 s of the return of an endpoint that %s', async (_, breakIt) => {
    const role = createRole({ lifeMs: hourMs });
    breakIt(role);
    await role.poll(10 * minuteMs, 5 * secondMs);
    role.fail(undefined);

    // A call that hangs takes 8 s, and the next one starts 15 s later.
    await role.clock.advance(23 * secondMs);

    expect(await role.get()).toEqual({ id: 'key-1' });
    expect(role.failures().length).toBeGreaterThan(20);
    expect(role.reports).toEqual([]);
  });

  test('fails with the failure of the endpoint when the old credentials have expired', async () => {
    const role = createRole({ lifeMs: 15 * minuteMs });
    await role.get();
    role.fail(down);

    await role.poll(15 * minuteMs - 10 * secondMs, 5 * secondMs);
    expect(role.failures()).toEqual([]);

    await expect(role.get()).rejects.toBe(down);
  });

  test('calls the endpoint at most every 5 to 15 s, whatever the load', async () => {
    const role = createRole({ lifeMs: hourMs });
    role.fail(down);

    await role.poll(10 * minuteMs, secondMs);

    expect(role.calls()).toBeGreaterThan(35);
    expect(role.calls()).toBeLessThan(45);
  });
});

describe('if the provider rejects credentials', () => {
  test('gets new ones, and has another version', async () => {
    const role = createRole({ lifeMs: hourMs });
    await role.get();
    const { version, renew } = role.renewable;
    const before = version();
    await role.clock.advance(minuteMs);

    await Promise.all([renew(), renew()]);

    expect(version()).not.toBe(before);
    expect(role.get()).toEqual({ id: 'key-2' });
    expect(role.calls()).toBe(2);
  });

  test('keeps the version if the endpoint returns the same ones', async () => {
    const role = createRole({ lifeMs: hourMs, rotatesMs: minuteMs });
    await role.get();
    const before = role.renewable.version();
    await role.clock.advance(minuteMs);

    await role.renewable.renew();

    expect(role.calls()).toBe(2);
    expect(role.renewable.version()).toBe(before);
  });

  test('does not replace credentials that are younger than a minute: a permission is missing', async () => {
    const role = createRole({ lifeMs: hourMs });
    await role.get();

    for (let i = 0; i < 59; i++) {
      await role.renewable.renew();
      await role.clock.advance(secondMs);
    }

    expect(role.calls()).toBe(1);
  });

  test('never rejects, and keeps the credentials if no new ones are there', async () => {
    const role = createRole({ lifeMs: hourMs });
    await role.get();
    await role.clock.advance(minuteMs);
    role.fail(down);

    await role.renewable.renew();

    expect(role.get()).toEqual({ id: 'key-1' });
  });
});

type Role = ReturnType<typeof createRole>;

/**
 * Role endpoint with a cache. Without `rotatesMs`, each call returns new credentials; with it, the same ones
 * until that time before they expire.
 */
function createRole({
  lifeMs,
  rotatesMs,
}: {
  readonly lifeMs?: number | undefined;
  readonly rotatesMs?: number;
} = {}) {
  const clock = createManualClock();
  const expiries = new Map<string, number>();
  const reports: unknown[] = [];
  const failures: unknown[] = [];
  let calls = 0;
  let answer: () => Promise<void> = async () => {};
  let last: Issued<Keys> | undefined;
  let release = () => {};

  async function issue(): Promise<Issued<Keys>> {
    calls += 1;
    await answer();
    const isKept = rotatesMs !== undefined && (last?.expiresAt ?? 0) - clock.now() > rotatesMs;
    if (last === undefined || !isKept) {
      const expiresAt = lifeMs === undefined ? undefined : clock.now() + lifeMs;
      last = { credentials: { id: `key-${expiries.size + 1}` }, expiresAt };
      expiries.set(last.credentials.id, expiresAt ?? Infinity);
    }
    return { ...last, credentials: { ...last.credentials } };
  }

  const { get, renewable } = createCredentialCache<Keys>({
    issue,
    onRenewal: (problem) => void reports.push(problem),
    now: clock.now,
    elapsed: clock.elapsed,
  });
  const request = () => get(never);
  return {
    clock,
    get: request,
    renewable,
    reports,
    calls: () => calls,
    failures: () => failures,
    remainingMs: ({ id }: Keys) => (expiries.get(id) ?? 0) - clock.now(),
    hang() {
      const gate = Promise.withResolvers<void>();
      answer = () => gate.promise;
      release = gate.resolve;
    },
    release: () => release(),
    fail(error: Error | undefined) {
      answer = error === undefined ? async () => {} : () => Promise.reject(error);
    },
    timeOut(ms: number, error: Error) {
      answer = async () => {
        await clock.sleep(ms, never);
        throw error;
      };
    },
    /** Sends a request every `everyMs` for `ms`, and collects the failures. */
    async poll(ms: number, everyMs: number) {
      for (let at = 0; at < ms; at += everyMs) {
        Promise.resolve(request()).catch((error: unknown) => failures.push(error));
        await clock.advance(everyMs);
      }
    },
  };
}
