import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createLargeBodies, type LargeBodies } from '../../src/calls/large-bodies.ts';
import { client, get, never, serve } from './loopback.ts';

test('reserves memory while the sum is within the budget, then in the order of the requests', () => {
  const bodies = createLargeBodies(10);
  const started: string[] = [];
  const reserve = (name: string, bytes: number) => bodies.reserve(bytes, () => started.push(name));
  const freeA = reserve('a', 6);
  const freeB = reserve('b', 4);
  const freeC = reserve('c', 5);
  // Does not overtake the larger one.
  reserve('d', 1);
  expect(started).toEqual(['a', 'b']);

  freeB();
  // Memory is freed once.
  freeB();
  expect(started).toEqual(['a', 'b']);

  freeA();
  expect(started).toEqual(['a', 'b', 'c', 'd']);

  freeC();
  // Larger than the budget: waits for the whole budget, of which d still holds a part.
  const freeE = reserve('e', 100);
  expect(started).toEqual(['a', 'b', 'c', 'd']);
  freeE();
  reserve('f', 9);
  expect(started).toEqual(['a', 'b', 'c', 'd', 'f']);
});

test('reserves no memory for a body that no longer waits', () => {
  const bodies = createLargeBodies(1);
  const started: string[] = [];
  const freeA = bodies.reserve(1, () => started.push('a'));
  const freeB = bodies.reserve(1, () => started.push('b'));
  bodies.reserve(1, () => started.push('c'));

  freeB();
  freeA();
  freeB();

  expect(started).toEqual(['a', 'c']);
});

test('lets the next bodies start when a large one no longer waits', () => {
  const bodies = createLargeBodies(2);
  const started: string[] = [];
  bodies.reserve(1, () => started.push('a'));
  const freeB = bodies.reserve(2, () => started.push('b'));
  bodies.reserve(1, () => started.push('c'));
  expect(started).toEqual(['a']);

  freeB();

  expect(started).toEqual(['a', 'c']);
});

/**
 * Budget in which each body waits until the test starts it. `waits` resolves to the function that starts the
 * body with this index, as soon as the body waits.
 */
function heldBodies(smallBytes: number) {
  const waiting: PromiseWithResolvers<() => void>[] = [];
  const at = (index: number) => {
    while (waiting.length <= index) waiting.push(Promise.withResolvers());
    return waiting[index] ?? Promise.withResolvers<() => void>();
  };
  const reserved: number[] = [];
  let ended = 0;
  const largeBodies: LargeBodies = {
    smallBytes,
    reserve(bytes, onReserved) {
      at(reserved.push(bytes) - 1).resolve(onReserved);
      return () => ended++;
    },
  };
  return {
    largeBodies,
    waits: (index: number) => at(index).promise,
    reserved,
    ended: () => ended,
  };
}

test('pauses a body that becomes large until its memory is reserved', async () => {
  const held = heldBodies(1000);
  let response: ServerResponse | undefined;
  const origin = await serve((_, started) => {
    response = started;
    started.write('x'.repeat(1001));
  });
  const { send } = client({ largeBodies: held.largeBodies });
  let isDone = false;
  const answer = send(get(origin), never).finally(() => {
    isDone = true;
  });

  const start = await held.waits(0);
  response?.end('y'.repeat(1000));
  // Another response of the same size shows that the first one could have arrived.
  const small = await serve((_, other) => other.end('z'.repeat(1000)));
  for (let i = 0; i < 10; i++) await send(get(small), never);
  expect(isDone).toBe(false);
  expect(held.ended()).toBe(0);

  start();

  expect((await answer).text).toBe('x'.repeat(1001) + 'y'.repeat(1000));
  expect([held.reserved, held.ended()]).toEqual([[1024 * 1024], 1]);
});

test('reserves the announced size of a body', async () => {
  const held = heldBodies(1000);
  const origin = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 1_000_000 });
    response.end('x'.repeat(1_000_000));
  });
  const answer = client({ largeBodies: held.largeBodies }).send(get(origin), never);

  (await held.waits(0))();

  expect((await answer).text).toHaveLength(1_000_000);
  expect(held.reserved).toEqual([1_000_000]);
});

test('reserves the maximum size for a large compressed body, once', async () => {
  const held = heldBodies(1000);
  // Hashes cannot be compressed.
  const hashes = Array.from({ length: 100 }, (_, i) => createHash('sha256').update(`${i}`).digest());
  const compressed = gzipSync(Buffer.concat(hashes));
  const origin = await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': compressed.length });
    response.end(compressed);
  });
  const answer = client({ largeBodies: held.largeBodies }).send(get(origin), never);

  (await held.waits(0))();
  await answer;

  expect([held.reserved, held.ended()]).toEqual([[1024 * 1024], 1]);
});

test('decompresses to a large text only when its memory is reserved', async () => {
  const held = heldBodies(1000);
  const gzip = (text: string) =>
    serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(text));
    });
  const { send } = client({ largeBodies: held.largeBodies });

  const small = await send(get(await gzip('x'.repeat(1000))), never);
  expect([small.text.length, held.reserved]).toEqual([1000, []]);

  const large = send(get(await gzip('x'.repeat(100_000))), never);
  (await held.waits(0))();

  expect((await large).text).toHaveLength(100_000);
  expect([held.reserved, held.ended()]).toEqual([[1024 * 1024], 1]);
});

test('ends the wait of a body whose request is aborted', async () => {
  const held = heldBodies(1000);
  const abort = new AbortController();
  let response: ServerResponse | undefined;
  const origin = await serve((_, started) => {
    response = started;
    started.write('x'.repeat(1001));
  });
  const answer = client({ largeBodies: held.largeBodies }).send(get(origin), abort.signal);
  await held.waits(0);

  abort.abort(new Error('stopping'));

  await expect(answer).rejects.toThrow('stopping');
  if (response?.closed === false) await once(response, 'close');
  expect(held.ended()).toBe(1);
});

test('ends the wait for the memory of a decompressed text if the request is aborted', async () => {
  const held = heldBodies(1000);
  const abort = new AbortController();
  const origin = await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync('x'.repeat(100_000)));
  });
  const answer = client({ largeBodies: held.largeBodies }).send(get(origin), abort.signal);
  await held.waits(0);

  abort.abort(new Error('stopping'));

  await expect(answer).rejects.toThrow('stopping');
  expect(held.ended()).toBe(1);
});

test('shares the budget between clients, so that large bodies arrive one after the other', async () => {
  const largeBodies = createLargeBodies(4000, 1000);
  const responses: ServerResponse[] = [];
  const all = Promise.withResolvers<void>();
  const origin = await serve((_, response) => {
    responses.push(response);
    response.write('x'.repeat(2000));
    if (responses.length === 6) all.resolve();
  });
  const clients = [client({ largeBodies }), client({ largeBodies })];
  const answers = [0, 1, 2, 3, 4, 5].map((i) => clients[i % 2]?.send(get(origin), never));

  await all.promise;
  for (const response of responses) response.end();

  for (const answer of answers) expect((await answer)?.text).toHaveLength(2000);
});

test('continues a body that waits when another one turns out to be too large', async () => {
  const budget = createLargeBodies(4000, 1000);
  const reservations = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let reserved = 0;
  const largeBodies: LargeBodies = {
    ...budget,
    reserve(...parts) {
      reservations[reserved++]?.resolve();
      return budget.reserve(...parts);
    },
  };
  const responses: ServerResponse[] = [];
  const origin = await serve((_, response) => {
    responses.push(response);
    response.write('x'.repeat(2000));
  });
  const { send } = client({ largeBodies, maxBodyBytes: 4000 });
  const first = send(get(origin), never);
  await reservations[0]?.promise;
  const second = send(get(origin), never);
  await reservations[1]?.promise;

  responses[0]?.end('x'.repeat(3000));
  responses[1]?.end();

  await expect(first).rejects.toMatchObject({ message: 'the response is larger than 4000 bytes' });
  expect((await second).text).toHaveLength(2000);
});
