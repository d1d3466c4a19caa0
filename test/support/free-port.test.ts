import { expect, test } from 'vitest';
import { startOnFreePort } from './free-port.ts';

const isTaken = 'listen tcp 127.0.0.1: bind: address already in use';

test.each([
  ['again if its port is taken', 1, isTaken, 2],
  ['at most three times', 9, isTaken, 3],
  ['once if it fails for another reason', 9, 'error loading the config', 1],
])('starts a program %s', async (_how, failures, why, starts) => {
  const ports: number[] = [];
  const started = startOnFreePort(async (port) => {
    ports.push(port);
    if (ports.length <= failures) throw new Error(`the program exited: ${why}`);
    return port;
  });

  if (starts > failures) expect(await started).toBe(ports.at(-1));
  else await expect(started).rejects.toThrow(why);

  expect(ports).toHaveLength(starts);
});
