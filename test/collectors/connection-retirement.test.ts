import { expect, test } from 'vitest';
import { createConnectionRetirement } from '../../src/collectors/connection-retirement.ts';
import { runDeadlineMs } from '../../src/collectors/sources.ts';
import { createLogLines } from '../support/log-lines.ts';
import { createManualClock } from '../support/manual-clock.ts';

test('logs connections that cannot be closed, and closes the others', async () => {
  const clock = createManualClock();
  const { log, lines } = createLogLines(clock.now);
  const connections = createConnectionRetirement({ clock, log });
  let closed = 0;

  connections.retire({ close: () => Promise.reject(new Error('a bug')) });
  connections.retire({ close: async () => void closed++ });
  await clock.advance(runDeadlineMs);
  await connections.close();

  expect(closed).toBe(1);
  expect(lines).toEqual([expect.stringContaining('work="end of connections" error="a bug"')]);
});
