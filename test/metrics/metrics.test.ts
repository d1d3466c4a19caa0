import { expect, test } from 'vitest';
import type { HeldAction } from '../../src/metrics/control/action-rows.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { newControlRecord } from '../../src/model/control-record.ts';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import { streamKey } from '../../src/model/stream.ts';
import { controlTargetKey } from '../../src/model/target.ts';
import { controlTarget } from '../support/actions.ts';
import { textOf } from '../support/exposition.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noExpectation, noon, pushTarget, streamId } from '../support/samples.ts';

const news = streamKey(streamId());
const target = controlTarget();

function setUp() {
  const pushes: string[] = [];
  const actions: HeldAction[] = [];
  const clock = createManualClock(noon);
  const metrics = createMetrics({
    clientIp: { show: 'full', on: 'gauges' },
    clock,
    version: '1.2.3',
    nodeVersion: 'v24.0.0',
    onRelease: (streamKeys) => pushes.push(...streamKeys),
    onControlRelease: (released) => actions.push(...released),
  });
  const { series, control, serveScrape } = metrics;
  return {
    metrics,
    clock,
    released: () => ({ pushes: pushes.length, actions: actions.length }),
    addPush() {
      series.add(pushTarget());
      series.setLedger(news, newPushLedger(noon));
    },
    addControl() {
      control.add(target, newControlRecord(target, noon));
      // More changes than an added push makes, so that the versions of the two kinds differ.
      for (let i = 0; i < 100; i++) control.setWatermark(controlTargetKey(target), noon + i);
    },
    scrape: () =>
      serveScrape({
        accept: undefined,
        acceptEncoding: undefined,
        peer: '192.0.2.1',
        userAgent: 'Prometheus/3.5.0',
        timeoutSeconds: 10,
      }),
  };
}

test('renders push metrics first, then control actions, then the exporter itself', async () => {
  const { addPush, addControl, scrape } = setUp();
  addPush();
  addControl();

  const text = await textOf((await scrape()).body);

  const positions = [
    '# HELP livestream_push_samples_total ',
    '# HELP livestream_control_domain_actions_total ',
    '# HELP livestream_exporter_build_info ',
  ].map((head) => text.indexOf(head));
  expect(positions[0]).toBeGreaterThanOrEqual(0);
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
});

test('releases held counters of both kinds with one complete response', async () => {
  const { addPush, addControl, scrape, released } = setUp();
  addPush();
  addControl();

  (await scrape()).completed();

  expect(released()).toEqual({ pushes: 1, actions: 3 });
});

test('does not release counters of one kind with an older response, however much the other kind changed', async () => {
  const first = setUp();
  first.addPush();
  const withPushes = await first.scrape();
  first.addControl();
  withPushes.completed();
  expect(first.released()).toEqual({ pushes: 1, actions: 0 });

  const second = setUp();
  second.addControl();
  const withActions = await second.scrape();
  second.addPush();
  withActions.completed();
  expect(second.released()).toEqual({ pushes: 0, actions: 3 });
});

test('releases both kinds after 5 minutes without a scrape', async () => {
  const { metrics, clock, addPush, addControl, released } = setUp();
  addPush();
  addControl();

  await clock.advance(299_999);
  await metrics.expire(clock.now());
  expect(released()).toEqual({ pushes: 0, actions: 0 });

  await clock.advance(1);
  await metrics.expire(clock.now());
  expect(released()).toEqual({ pushes: 1, actions: 3 });
});

test('exposes a condition added by a reload at 0 to every scraper before its first seconds', async () => {
  const { metrics, scrape } = setUp();
  const { series } = metrics;
  const ledger = { ...newPushLedger(noon), leftZero: true };
  series.add(pushTarget({ expectation: noExpectation }), ledger);
  (await scrape()).completed();
  const degraded = async () => {
    const { body, completed } = await scrape();
    const lines = (await textOf(body)).matchAll(/^livestream_push_degraded.*condition="(.*)"\} (.*)$/gm);
    completed();
    return [...lines].map(([, condition, value]) => `${condition} ${value}`);
  };
  expect(await degraded()).toEqual(['no_video 0']);

  series.update(pushTarget());
  const { totals } = ledger;
  const degradedMs = { low_fps: 5000, no_video: 10_000, low_bitrate: 0, video_stall: 0 };
  series.setLedger(news, { ...ledger, totals: { ...totals, degradedMs } });

  expect(await degraded()).toEqual(['low_fps 0', 'no_video 10', 'low_bitrate 0']);
  expect(await degraded()).toEqual(['low_fps 5', 'no_video 10', 'low_bitrate 0']);
});
