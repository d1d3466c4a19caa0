import { expect, test } from 'vitest';
import { controlAction } from '../support/actions.ts';
import { startAnsweringCollectors } from '../support/answering-collectors.ts';
import { noon, samplesBetween } from '../support/samples.ts';

const valuesIn = (lines: readonly string[]) =>
  Object.fromEntries(lines.map((line) => [line.split('{')[0], Number(line.split(' ').at(-1))]));

test('exposes all gauges of a sample in one scrape, and its counters after the flush', async () => {
  await using world = startAnsweringCollectors();
  const names = [
    'livestream_push_up',
    'livestream_push_fps',
    'livestream_push_sample_timestamp_seconds',
    'livestream_push_samples_total',
    'livestream_collector_newest_sample_timestamp_seconds',
  ];
  await world.apply('streams: [{account: t, stream: news}]');
  await world.flush();
  world.samples.push(...samplesBetween(noon - 60_000, noon, { framesPerSecond: 24 }));

  await world.clock.advance(5000);
  await world.poll();

  const gauges = {
    livestream_push_up: 1,
    livestream_push_fps: 24,
    livestream_push_sample_timestamp_seconds: noon / 1000 - 5,
    livestream_collector_newest_sample_timestamp_seconds: noon / 1000 - 5,
  };
  expect(valuesIn(await world.lines(...names))).toEqual({ ...gauges, livestream_push_samples_total: 0 });
});

test('exposes all gauges of an action in one scrape, and its counter after the flush', async () => {
  await using world = startAnsweringCollectors();
  const names = [
    'livestream_control_watermark_timestamp_seconds',
    'livestream_control_last_action_timestamp_seconds',
    'livestream_control_forbidden',
    'livestream_control_actions_total',
  ];
  await world.apply('domains: [{account: a, domain: play.example.com}]');
  await world.flush();
  world.actions.push(controlAction({ actedAt: noon - 60_000 }));

  await world.clock.advance(30_000);
  await world.poll();

  const gauges = {
    livestream_control_watermark_timestamp_seconds: noon / 1000 + 30,
    livestream_control_last_action_timestamp_seconds: noon / 1000 - 60,
    livestream_control_forbidden: 1,
  };
  expect(valuesIn(await world.lines(...names))).toEqual(gauges);
  await world.flush();
  expect(valuesIn(await world.lines(...names))).toEqual({ ...gauges, livestream_control_actions_total: 0 });
});
