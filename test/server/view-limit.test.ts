import { expect, test } from 'vitest';
import { createManualClock } from '../support/manual-clock.ts';
import { waitFor } from '../support/wait-for.ts';
import { overviewOf, request, start, statusView } from './start.ts';

test('lets at most 40 responses of the pages and the API be in progress, and rejects one that waits for 5 s', async () => {
  const clock = createManualClock();
  const gate = Promise.withResolvers<void>();
  const { url } = await start({
    clock,
    async overview() {
      await gate.promise;
      return overviewOf();
    },
    status: async () => statusView(),
  });
  const pages = Array.from({ length: 40 }, () => request(url));
  const waiting = request(`${url}/api/v1/status`);
  // The wait, and the checks for stalled clients.
  await waitFor('the request to wait', () => clock.sleepers() === 2 || undefined);
  expect((await request(`${url}/metrics`)).status).toBe(200);

  await clock.advance(5_000);
  const { status, headers, text } = await waiting;
  expect([status, headers['retry-after'], text]).toEqual([
    503,
    '5',
    'too many concurrent requests (limit 40); retry in 5 s\n',
  ]);

  gate.resolve();
  expect((await Promise.all(pages)).map((page) => page.status)).toEqual(Array(40).fill(200));
  expect((await request(`${url}/api/v1/status`)).status).toBe(200);
});
