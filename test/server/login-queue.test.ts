import { expect, test } from 'vitest';
import { createLoginQueue } from '../../src/server/login-queue.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';

/** A queue whose comparisons wait for the test. The password `right` is the right one. */
function setUp() {
  const clock = createManualClock();
  const compared: string[] = [];
  const results: (() => void)[] = [];
  const check = createLoginQueue(
    (password) =>
      new Promise((resolve) => {
        compared.push(password);
        results.push(() => resolve(password === 'right'));
      }),
    clock,
  );
  return {
    compared,
    login: (password: string, address = '192.0.2.1', identity = '') =>
      check({ client: { address, identity }, password, hash: 'the-hash' }),
    /** Ends `count` comparisons. */
    async end(count = 1): Promise<void> {
      for (let i = 0; i < count; i++) {
        results.shift()?.();
        await settle();
      }
    },
    pass: clock.advance,
  };
}

test('compares one password at a time, in order', async () => {
  const { login, end, compared } = setUp();
  const all = ['a', 'b', 'right'].map((password) => login(password));
  expect(compared).toEqual(['a']);
  await end(3);

  expect(compared).toEqual(['a', 'b', 'right']);
  expect(await Promise.all(all)).toEqual([false, false, true]);
});

test('compares the first login of an address before the guesses of others', async () => {
  const { login, end, compared } = setUp();
  for (let i = 0; i < 20; i++) void login(`guess-${i}`);
  await end(3);
  void login('right', '192.0.2.2');
  await end(2);

  expect(compared.slice(3)).toEqual(['guess-3', 'right', 'guess-4']);
});

test('compares the first login of a client before the guesses of others behind the same proxy', async () => {
  const { login, end, compared } = setUp();
  for (let i = 0; i < 20; i++) void login(`guess-${i}`);
  await end(3);
  void login('right', '192.0.2.1', 'Prometheus');
  await end(2);

  expect(compared.slice(3)).toEqual(['guess-3', 'right', 'guess-4']);
});

test('prefers an address with one wrong password to one that pretends to be another client each time', async () => {
  const { login, end, compared } = setUp();
  void login('typo', '192.0.2.2');
  await end();
  for (let i = 0; i < 20; i++) void login(`guess-${i}`, '192.0.2.1', `client ${i}`);
  await end(12);
  void login('right', '192.0.2.2');
  await end(2);

  expect(compared.slice(13)).toEqual(['guess-12', 'right', 'guess-13']);
});

test('does not compare the most suspicious login if more than 32 wait, and says so', async () => {
  const { login, end, compared } = setUp();
  const guesses = Array.from({ length: 33 }, (_, i) => login(`guess-${i}`));
  await end();
  expect(await guesses[0]).toBe(false);
  const others = Array.from({ length: 20 }, (_, i) => login(`first-${i}`, `192.0.2.${i + 2}`));
  // 31 waited, so the last 19 guesses gave way, and a further guess has no chance.
  expect(await Promise.all(guesses.slice(14))).toEqual(Array(19).fill(undefined));
  expect(await login('guess-again')).toBeUndefined();
  await end(33);

  expect(await Promise.all([...guesses.slice(0, 14), ...others])).toEqual(Array(34).fill(false));
  expect(compared).toHaveLength(34);
});

test('forgets wrong passwords a minute after the last one', async () => {
  const { login, end, pass, compared } = setUp();
  void login('guess');
  await end();
  await pass(59_999);
  for (const address of ['192.0.2.2', '192.0.2.1', '192.0.2.3']) void login(address, address);
  await end(3);
  await pass(60_000);
  for (const address of ['192.0.2.2', '192.0.2.1', '192.0.2.3']) void login(address, address);
  await end(3);

  expect(compared.slice(1, 4)).toEqual(['192.0.2.2', '192.0.2.3', '192.0.2.1']);
  expect(compared.slice(4)).toEqual(['192.0.2.2', '192.0.2.1', '192.0.2.3']);
});

/** A queue whose comparisons take `ms` each. The password `right` is the right one. */
function setUpSlow(ms: number) {
  const clock = createManualClock();
  const compared: string[] = [];
  const check = createLoginQueue(async (password) => {
    compared.push(password);
    await clock.sleep(ms, new AbortController().signal);
    return password === 'right';
  }, clock);
  const login = (password: string, address = '192.0.2.1', identity = '') =>
    check({ client: { address, identity }, password, hash: 'the-hash' });
  return { clock, compared, login };
}

test('compares the guesses of a client only a tenth of the time, after the first ones', async () => {
  const { clock, compared, login } = setUpSlow(100);
  for (let i = 0; i < 30; i++) void login(`guess-${i}`);

  await clock.advance(500);
  expect(compared).toHaveLength(5);
  await clock.advance(899);
  expect(compared).toHaveLength(5);
  await clock.advance(1);
  expect(compared).toHaveLength(6);
  await clock.advance(10_000);
  expect(compared).toHaveLength(16);
});

test('pauses at most 3 s between the guesses of a client', async () => {
  const { clock, compared, login } = setUpSlow(1_000);
  for (let i = 0; i < 6; i++) void login(`guess-${i}`);

  await clock.advance(7_999);
  expect(compared).toHaveLength(5);
  await clock.advance(1);
  expect(compared).toHaveLength(6);
});

test('does not let other clients wait for the pause of a client that guesses', async () => {
  const { clock, compared, login } = setUpSlow(100);
  for (let i = 0; i < 6; i++) void login(`guess-${i}`);
  await clock.advance(600);
  const results = Promise.all([login('right', '192.0.2.2'), login('typo', '192.0.2.1', 'Prometheus')]);
  await clock.advance(200);

  expect(await results).toEqual([true, false]);
  expect(compared.slice(5)).toEqual(['right', 'typo']);
});

test('slows down guesses of a client that pretends to be another one each time', async () => {
  const { clock, compared, login } = setUpSlow(100);
  const guess = (i: number) => login(`guess-${i}`, '192.0.2.1', `client ${i}`);
  for (let i = 0; i < 50; i++) {
    const guessed = guess(i);
    await clock.advance(100);
    expect(await guessed).toBe(false);
  }
  for (let i = 50; i < 60; i++) void guess(i);
  await clock.advance(5_000);

  expect(compared).toHaveLength(55);
});

test.each([
  ['throws', () => expect.unreachable()],
  ['rejects', () => Promise.reject(new Error('no thread'))],
])('compares the next logins after a comparison that %s', async (_, fail) => {
  let comparisons = 0;
  const check = createLoginQueue(
    () => (comparisons++ === 0 ? fail() : Promise.resolve(true)),
    createManualClock(),
  );
  const login = () =>
    check({ client: { address: '192.0.2.1', identity: '' }, password: 'right', hash: 'the-hash' });

  expect(await login()).toBeUndefined();
  expect(await login()).toBe(true);
});
