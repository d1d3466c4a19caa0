import { expect, test } from 'vitest';
import type { PushRecord } from '../../src/model/push-record.ts';
import { noon } from '../support/samples.ts';
import { minute, online, startWorld } from './discovered-world.ts';

const startOf = (record: PushRecord | undefined) => ((record?.target.floor ?? 0) - noon) / 1_000;

test.each([
  ['a begin before the domain was watched', online('a', noon - 60 * minute), -70],
  ['a begin after that', online('a', noon + 90_000), 20],
  ['an unknown begin', online('a'), 50],
  ['a begin ahead of the clock', online('a', noon + 60 * minute), 50],
])(
  'starts to count one lookback before %s, within the time that is watched',
  async (_what, stream, start) => {
    const world = startWorld();
    await world.configure();
    await world.clock.advance(2 * minute);

    await world.list(stream);

    expect(startOf(world.recordOf('a'))).toBe(start);
  },
);

test('starts to count at the previous list if the begin is unknown', async () => {
  const world = startWorld();
  await world.configure();
  await world.clock.advance(5 * minute);
  await world.list();
  await world.clock.advance(minute);

  await world.list('a');

  expect(startOf(world.recordOf('a'))).toBe(230);
});

test('does not start before the retention of the provider', async () => {
  const world = startWorld();
  await world.configure();
  const days = 24 * 60 * minute;
  await world.clock.advance(10 * days);

  await world.list(online('a', noon + days));

  expect(startOf(world.recordOf('a'))).toBe((3 * days + 2 * minute) / 1_000);
});

test('resumes a frozen record at the begin of the new push, without a gap', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a');
  world.poll('a');
  await world.clock.advance(minute);
  await world.list();
  await world.clock.advance(10 * minute);
  world.poll('a');
  await world.list();
  const ended = world.recordOf('a');
  await world.clock.advance(60 * minute);
  const begin = world.clock.now() - 20_000;

  await world.list(online('a', begin));

  const resumed = world.recordOf('a');
  expect(ended?.frozenAt).toBeDefined();
  expect(resumed?.frozenAt).toBeUndefined();
  expect(resumed?.target).toMatchObject({ watermark: begin - 70_000, floor: begin - 70_000 });
  expect(resumed?.push.totals.gapMs).toBe(0);
});

test('continues a frozen record at its watermark if the push began before', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a');
  await world.list();
  await world.clock.advance(10 * minute);
  world.poll('a');
  await world.list();
  const ended = world.recordOf('a');

  await world.list(online('a', noon - minute));

  expect(world.recordOf('a')).toEqual({ ...ended, frozenAt: undefined });
});
