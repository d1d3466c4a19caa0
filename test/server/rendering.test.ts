import type { Response } from 'express';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toJson } from '../../src/server/json.ts';
import { createRendering } from '../../src/server/rendering.ts';
import { settle } from '../support/manual-clock.ts';
import { inOneSlice } from '../support/slices.ts';
import { overviewOf, request, start, streamsView, streamView } from './start.ts';

/** Clock on which each item of work takes 1 ms. */
function createWorkClock() {
  const clock = {
    now: 0,
    elapsed: () => clock.now,
    yieldNow: settle,
    work: () => {
      clock.now++;
    },
  };
  return clock;
}

/** Returns a response that passes its body to `send`. */
function responseWith(send: (body: Buffer) => void): Response {
  const response = { closed: false, set: () => response, type: () => response, send };
  // It has all members that are used.
  return response as unknown as Response;
}

test('blocks the event loop for one slice of 2 ms at a time, however many responses are rendered', async () => {
  const clock = createWorkClock();
  const { respond } = createRendering(clock);
  const items = Array.from({ length: 10 }, () => 'item');

  let isDone = false;
  const all = Promise.all(
    Array.from({ length: 20 }, () =>
      respond(
        responseWith(() => undefined),
        'json',
        async (inSlices) => {
          await inSlices(items, clock.work);
          return 'body';
        },
      ),
    ),
  ).finally(() => {
    isDone = true;
  });
  let longest = 0;
  for (let before = 0; !isDone; before = clock.now) {
    await settle();
    longest = Math.max(longest, clock.now - before);
  }
  await all;

  expect([clock.now, longest]).toEqual([200, 2]);
});

test('sends each response before the next one is rendered, so that no bodies wait in memory', async () => {
  const { respond } = createRendering(createWorkClock());
  const events: string[] = [];
  const respondTo = (name: string) =>
    respond(
      responseWith((body) => events.push(`send ${body}`)),
      'json',
      async () => {
        events.push(`render ${name}`);
        return name;
      },
    );

  await Promise.all(['a', 'b', 'c'].map(respondTo));

  expect(events).toEqual(['render a', 'send a', 'render b', 'send b', 'render c', 'send c']);
});

test('renders a shared view once for all requests that come before it', async () => {
  let overviews = 0;
  const { url } = await start({
    async overview() {
      overviews++;
      await settle();
      return overviewOf();
    },
  });
  await request(url);
  overviews = 0;

  const pages = await Promise.all(Array.from({ length: 40 }, () => request(url)));

  expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
  // Those that come while the first page is rendered share the second one, and so on.
  expect(overviews).toBeLessThan(20);
});

test('continues with the next response after one that fails', async () => {
  const { respond } = createRendering(createWorkClock());
  const bodies: string[] = [];
  const response = responseWith((body) => bodies.push(body.toString()));

  const failed = respond(response, 'json', () => Promise.reject(new Error('a bug')));
  const next = respond(response, 'json', async () => 'body');

  await expect(failed).rejects.toThrow('a bug');
  await next;
  expect(bodies).toEqual(['body']);
});

test('returns a page of the streams as JSON', async () => {
  const view = streamsView([streamView(), streamView({ stream: 'b' })]);
  const { url } = await start({ streams: async () => view });

  const { headers, text } = await request(`${url}/api/v1/streams`);

  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(JSON.parse(text)).toEqual(view);
});

test('converts any object to the same text as JSON.stringify', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (view) => {
      expect(await toJson(view, inOneSlice)).toBe(JSON.stringify(view));
    }),
  );
  expect(await toJson({ a: undefined, b: [] }, inOneSlice)).toBe('{"b":[]}');
});
