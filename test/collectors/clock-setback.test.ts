import { expect, test } from 'vitest';
import { createClockSetback } from '../../src/collectors/clock-setback.ts';
import { createLog } from '../../src/log.ts';
import { startAnsweringCollectors } from '../support/answering-collectors.ts';
import { noon } from '../support/samples.ts';

function setUp() {
  const log: string[] = [];
  const watch = createClockSetback(
    {
      account: { account: 'main', provider: 'tencent' },
      log: createLog({ level: 'info', format: 'logfmt', write: (line) => log.push(line), now: () => noon }),
    },
    'ListPushes',
  );
  return { watch, log };
}

test('logs start and end of a setback once, for any number of targets', () => {
  const { watch, log } = setUp();

  watch.pause('a', noon + 90_000, noon);
  watch.pause('b', noon + 95_000, noon + 1000);
  watch.pause('a', noon + 90_000, noon + 5000);
  watch.resume('a');
  expect(log).toEqual([
    'ts=2026-03-01T12:00:00.000Z level=warn msg="clock of this host was set back: the affected targets are not polled until the clock has caught up; check the time synchronization" ' +
      'account=main operation=ListPushes until=2026-03-01T12:01:30.000Z behind_s=90\n',
  ]);

  watch.resume('b');
  watch.resume('b');
  expect(log.slice(1)).toEqual([
    'ts=2026-03-01T12:00:00.000Z level=info msg="clock of this host has caught up: all targets are polled again" ' +
      'account=main operation=ListPushes\n',
  ]);
});

test('reports the longest pause of all targets', () => {
  const { watch } = setUp();
  expect(watch.behindMs(noon)).toBe(0);

  watch.pause('a', noon + 90_000, noon);
  watch.pause('b', noon + 95_000, noon);
  expect(watch.behindMs(noon)).toBe(95_000);
  expect(watch.behindMs(noon + 60_000)).toBe(35_000);
  expect(watch.behindMs(noon + 200_000)).toBe(0);

  watch.resume('b');
  expect(watch.behindMs(noon)).toBe(90_000);
});

test('does not report that the clock has caught up if the last paused target is removed', async () => {
  await using world = startAnsweringCollectors();
  const clockLines = () => world.log.filter((line) => line.includes('clock of this host'));
  await world.apply('domains: [{account: a, domain: play.example.com}]');
  await world.poll();
  world.clock.setNow(noon - 7_200_000);
  await world.clock.advance(30_000);
  await world.poll();
  expect(clockLines()).toHaveLength(1);

  await world.apply('');

  expect(clockLines()).toHaveLength(1);
});
