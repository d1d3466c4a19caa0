import { expect, test } from 'vitest';
import type { HeldAction } from '../../src/metrics/control/zero-held-action.ts';
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
    onControlRelease: (zeroHold) => actions.push(...zeroHold),
  });
  const { series, control, serveScrape } = metrics;
  return {
    metrics,
    clock,
    released: () => ({ pushes: pushes.length, actions: actions.length }),
    beginPush() {
      series.add(pushTarget());
      series.setLedger(news, newPushLedger(noon));
    },
    beginControl() {
      control.add(target, newControlRecord(target, noon));
      // More changes than a beginning has, so that one version can't pass for another.
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

test('pushes stand first, then control actions, then the exporter itself', async () => {
  const { beginPush, beginControl, scrape } = setUp();
  beginPush();
  beginControl();

  const text = await textOf((await scrape()).body);

  const places = [
    '# HELP livestream_push_samples_total ',
    '# HELP livestream_control_domain_actions_total ',
    '# HELP livestream_exporter_build_info ',
  ].map((head) => text.indexOf(head));
  expect(places[0]).toBeGreaterThanOrEqual(0);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});

test('one whole answer releases what was born of both kinds', async () => {
  const { beginPush, beginControl, scrape, released } = setUp();
  beginPush();
  beginControl();

  (await scrape()).completed();

  expect(released()).toEqual({ pushes: 1, actions: 3 });
});

test('an answer begun before the births of one kind does not release them, however much the other changed', async () => {
  const first = setUp();
  first.beginPush();
  const withPushes = await first.scrape();
  first.beginControl();
  withPushes.completed();
  expect(first.released()).toEqual({ pushes: 1, actions: 0 });

  const second = setUp();
  second.beginControl();
  const withActions = await second.scrape();
  second.beginPush();
  withActions.completed();
  expect(second.released()).toEqual({ pushes: 0, actions: 3 });
});

test('the sweep releases both kinds when nobody comes for 5 minutes', async () => {
  const { metrics, clock, beginPush, beginControl, released } = setUp();
  beginPush();
  beginControl();

  await clock.advance(299_999);
  metrics.expire(clock.now());
  expect(released()).toEqual({ pushes: 0, actions: 0 });

  await clock.advance(1);
  metrics.expire(clock.now());
  expect(released()).toEqual({ pushes: 1, actions: 3 });
});

test('a condition that is judged only since a reload is shown at 0 to every scraper, though it is bad at once', async () => {
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
  const degradedMs = { low_fps: 5000, no_video: 10_000, low_bitrate: 0 };
  series.setLedger(news, { ...ledger, totals: { ...totals, degradedMs } });

  expect(await degraded()).toEqual(['low_fps 0', 'no_video 10', 'low_bitrate 0']);
  expect(await degraded()).toEqual(['low_fps 5', 'no_video 10', 'low_bitrate 0']);
});
