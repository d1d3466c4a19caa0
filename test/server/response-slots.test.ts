import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { Client } from '../../src/server/client.ts';
import { createResponseSlots } from '../../src/server/response-slots.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';

/** Response whose client accepts what the test says. */
function responseOf() {
  const events = new EventEmitter();
  const socket = { bytesWritten: 0, writableLength: 0, destroyed: false };
  const response = Object.assign(events, {
    closed: false,
    socket,
    destroy() {
      response.closed = true;
      events.emit('close');
    },
  });
  // The cast is safe: the slots use nothing else.
  return { socket, end: response.destroy, response: response as unknown as ServerResponse };
}

function setUp(max = 2, maxWaiting = 4) {
  const clock = createManualClock();
  const slots = createResponseSlots({ max, maxWaiting, clock });
  const granted: string[] = [];
  return {
    clock,
    granted,
    /** Requests a slot. `granted` contains the name as soon as there is one, or `not NAME`. */
    request(name: string, client: Partial<Client> = {}) {
      const occupant = responseOf();
      const found = slots.acquire(
        occupant.response,
        { address: '192.0.2.1', identity: 'a', ...client },
        5_000,
      );
      void found.then((isGranted) => granted.push(isGranted ? name : `not ${name}`));
      return occupant;
    },
  };
}

/** Lets requests pass the check whether their client has disconnected. */
async function pass(): Promise<void> {
  for (let i = 0; i < 3; i++) await settle();
}

test('grants slots at once up to the limit, then in order as responses end', async () => {
  const { request, granted } = setUp();
  const first = request('first');
  request('second');
  request('third');
  request('fourth');
  await pass();
  expect(granted).toEqual(['first', 'second']);

  first.end();
  await pass();
  expect(granted).toEqual(['first', 'second', 'third']);
});

test('grants no slot to a client that disconnects right after its request', async () => {
  const { request, granted } = setUp(1);
  request('gone').end();
  request('next');
  await pass();

  expect(granted).toEqual(['not gone', 'next']);
});

test('gives a free slot to the address, then to the client, with the fewest slots', async () => {
  const { request, granted } = setUp(3, 10);
  const held = [request('held', { identity: 'b' }), request('held'), request('held')];
  await pass();
  request('same client');
  request('other client', { identity: 'c' });
  request('other address', { address: '192.0.2.2' });
  await pass();
  for (const { end } of held) {
    end();
    await pass();
  }

  expect(granted.slice(3)).toEqual(['other address', 'other client', 'same client']);
});

test('refuses a request that has waited for its time, and one whose client has gone', async () => {
  const { request, granted, clock } = setUp(1);
  const first = request('first');
  request('slow');
  await pass();
  request('gone').end();
  await pass();
  await clock.advance(4_999);
  expect(granted).toEqual(['first', 'not gone']);

  await clock.advance(1);
  first.end();
  await pass();
  expect(granted).toEqual(['first', 'not gone', 'not slow']);
  await clock.advance(500);
  expect(clock.sleepers()).toBe(0);
});

test('refuses requests of the address with the most waiting ones if too many wait', async () => {
  const { request, granted } = setUp(1, 3);
  request('first');
  for (const name of ['a', 'b', 'c', 'd']) request(name);
  await pass();
  expect(granted).toEqual(['first', 'not d']);

  request('other', { address: '192.0.2.2' });
  await pass();
  expect(granted).toEqual(['first', 'not d', 'not c']);
});

test('cuts a response whose client accepts nothing for 2 s, only while a request waits', async () => {
  const { request, granted, clock } = setUp(1);
  const { response, socket } = request('stalled');
  await pass();
  Object.assign(socket, { bytesWritten: 1_000, writableLength: 500 });
  await clock.advance(60_000);
  expect(response.closed).toBe(false);

  request('next');
  await pass();
  await clock.advance(1_999);
  expect(response.closed).toBe(false);
  await clock.advance(1);

  expect(response.closed).toBe(true);
  expect(granted).toEqual(['stalled', 'next']);
});

test.each([
  ['accepts a part of its response', (i: number) => ({ bytesWritten: 1_000 + i, writableLength: 500 })],
  ['waits for the exporter', () => ({ bytesWritten: 1_000, writableLength: 0 })],
])('cuts no response whose client %s', async (_name, stateAt) => {
  const { request, clock } = setUp(1);
  const { response, socket } = request('slow');
  request('next');
  await pass();
  for (let i = 0; i < 9; i++) {
    Object.assign(socket, stateAt(i));
    await clock.advance(500);
  }

  expect(response.closed).toBe(false);
});

test('cuts first the stalled responses of the address with the most slots, one for each waiting request', async () => {
  const { request, clock } = setUp(3);
  const other = request('other', { address: '192.0.2.2' });
  const same = [request('same'), request('same')];
  for (const { socket } of [other, ...same]) Object.assign(socket, { bytesWritten: 9, writableLength: 5 });
  request('next', { address: '192.0.2.3' });
  await pass();
  await clock.advance(2_000);

  expect([other, ...same].map(({ response }) => response.closed)).toEqual([false, true, false]);
});
