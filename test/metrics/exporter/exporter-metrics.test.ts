import { expect, test } from 'vitest';
import { createExporterMetrics } from '../../../src/metrics/exporter/exporter-metrics.ts';
import { processMetrics } from '../../../src/metrics/exporter/process-metrics.ts';
import { pushFamilies } from '../../../src/metrics/push/push-families.ts';
import { newPushLedger } from '../../../src/model/push-ledger.ts';
import { streamKey } from '../../../src/model/stream.ts';
import { parseFamilies, renderTables } from '../../support/exposition.ts';
import { promtoolSays } from '../../support/promtool.ts';
import { setUpPushSeries } from '../../support/push-series.ts';
import { noon, pushMedia, pushSample, pushTarget } from '../../support/samples.ts';
import { describeWithTool } from '../../support/tools.ts';

const account = { account: 'main', provider: 'tencent' };
const operation = { ...account, operation: 'Get_LivePushStatHistory' };
const collector = { ...account, collector: 'push_stats' };

function setUp() {
  const metrics = createExporterMetrics({ version: '1.2.3', nodeVersion: 'v24.0.0' });
  const render = async (prefix = 'livestream_') => {
    const lines = (await metrics.render('text')).split('\n');
    return lines.filter((line) => line.startsWith(prefix)).join('\n');
  };
  return { metrics, render };
}

function setEverything({ metrics }: Pick<ReturnType<typeof setUp>, 'metrics'>) {
  metrics.addAccount(account, { push_stats: 10_000 });
  metrics.addOperation(operation);
  metrics.countRequest(operation, { tookMs: 120, failure: undefined });
  metrics.setBudget(operation, 20);
  metrics.setCollector(collector, {
    targets: 3,
    failing: 1,
    publishersDropped: 49_984,
    lastSuccessAt: noon,
    newestSampleAt: noon - 4500,
    intervalMs: 5000,
    runDurationMs: 125,
    clockBehindMs: 0,
    effectiveDelayMs: 12_000,
    lagMs: 0,
  });
  metrics.observeSampleDelay(account, 12_000);
  metrics.countSkipped(account, 'late', 2);
  metrics.setClockOffset(account, -1500);
  metrics.setStreamsDropped(0);
  metrics.setReload(noon, true);
  metrics.setWebReload(true);
  metrics.setStateSaved(noon);
  metrics.posting.addAlertmanager('am:9093');
  metrics.posting.countPost('am:9093', undefined, noon);
  metrics.posting.setFiring(new Map());
}

test('exposes only known values at the start', async () => {
  const { render } = setUp();

  expect(await render()).toMatchInlineSnapshot(`
    "livestream_exporter_state_resets_total 0
    livestream_exporter_state_recreations_total 0
    livestream_exporter_build_info{version="1.2.3",nodeversion="v24.0.0"} 1"
  `);
});

test('adds the counters and histograms of an account and an operation at 0', async () => {
  const { metrics, render } = setUp();

  metrics.addAccount(account, { push_stats: 10_000 });
  metrics.addOperation(operation);

  const lines = (await render()).split('\n').filter((line) => !/_(bucket|sum)\{/.test(line));
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "livestream_api_requests_total{account="main",provider="tencent",operation="Get_LivePushStatHistory"} 0
    livestream_api_request_failures_total{account="main",provider="tencent",operation="Get_LivePushStatHistory",kind="auth"} 0
    livestream_api_request_failures_total{account="main",provider="tencent",operation="Get_LivePushStatHistory",kind="refused"} 0
    livestream_api_request_failures_total{account="main",provider="tencent",operation="Get_LivePushStatHistory",kind="throttled"} 0
    livestream_api_request_failures_total{account="main",provider="tencent",operation="Get_LivePushStatHistory",kind="unavailable"} 0
    livestream_api_request_failures_total{account="main",provider="tencent",operation="Get_LivePushStatHistory",kind="malformed"} 0
    livestream_api_request_failures_total{account="main",provider="tencent",operation="Get_LivePushStatHistory",kind="internal"} 0
    livestream_api_request_duration_seconds_count{account="main",provider="tencent",operation="Get_LivePushStatHistory"} 0
    livestream_sample_delay_seconds_count{account="main",provider="tencent"} 0
    livestream_expected_delay_seconds{account="main",provider="tencent",collector="push_stats"} 10
    livestream_samples_skipped_total{account="main",provider="tencent",reason="malformed"} 0
    livestream_samples_skipped_total{account="main",provider="tencent",reason="future"} 0
    livestream_samples_skipped_total{account="main",provider="tencent",reason="changed"} 0
    livestream_samples_skipped_total{account="main",provider="tencent",reason="late"} 0
    livestream_samples_skipped_total{account="main",provider="tencent",reason="duplicate"} 0
    livestream_exporter_state_resets_total 0
    livestream_exporter_state_recreations_total 0
    livestream_exporter_build_info{version="1.2.3",nodeversion="v24.0.0"} 1"
  `);
});

test('exposes durations and timestamps in seconds', async () => {
  const { metrics, render } = setUp();
  setEverything({ metrics });
  metrics.countRequest(operation, { tookMs: 300, failure: 'throttled' });

  expect(await render('livestream_collector')).toMatchInlineSnapshot(`
    "livestream_collector_targets{account="main",provider="tencent",collector="push_stats"} 3
    livestream_collector_targets_failing{account="main",provider="tencent",collector="push_stats"} 1
    livestream_collector_publishers_dropped{account="main",provider="tencent",collector="push_stats"} 49984
    livestream_collector_last_success_timestamp_seconds{account="main",provider="tencent",collector="push_stats"} 1772366400
    livestream_collector_newest_sample_timestamp_seconds{account="main",provider="tencent",collector="push_stats"} 1772366395.5
    livestream_collector_interval_seconds{account="main",provider="tencent",collector="push_stats"} 5
    livestream_collector_run_duration_seconds{account="main",provider="tencent",collector="push_stats"} 0.125
    livestream_collector_clock_behind_seconds{account="main",provider="tencent",collector="push_stats"} 0
    livestream_collector_effective_delay_seconds{account="main",provider="tencent",collector="push_stats"} 12
    livestream_collector_lag_seconds{account="main",provider="tencent",collector="push_stats"} 0"
  `);
  expect(await render('livestream_api_request_duration_seconds')).toMatchInlineSnapshot(`
    "livestream_api_request_duration_seconds_bucket{le="0.025",account="main",provider="tencent",operation="Get_LivePushStatHistory"} 0
    livestream_api_request_duration_seconds_bucket{le="0.05",account="main",provider="tencent",operation="Get_LivePushStatHistory"} 0
    livestream_api_request_duration_seconds_bucket{le="0.1",account="main",provider="tencent",operation="Get_LivePushStatHistory"} 0
    livestream_api_request_duration_seconds_bucket{le="0.25",account="main",provider="tencent",operation="Get_LivePushStatHistory"} 1
    livestream_api_request_duration_seconds_bucket{le="0.5",account="main",provider="tencent",operation="Get_LivePushStatHistory"} 2
    livestream_api_request_duration_seconds_bucket{le="1",account="main",provider="tencent",operation="Get_LivePushStatHistory"} 2
    livestream_api_request_duration_seconds_bucket{le="2.5",account="main",provider="tencent",operation="Get_LivePushStatHistory"} 2
    livestream_api_request_duration_seconds_bucket{le="5",account="main",provider="tencent",operation="Get_LivePushStatHistory"} 2
    livestream_api_request_duration_seconds_bucket{le="10",account="main",provider="tencent",operation="Get_LivePushStatHistory"} 2
    livestream_api_request_duration_seconds_bucket{le="+Inf",account="main",provider="tencent",operation="Get_LivePushStatHistory"} 2
    livestream_api_request_duration_seconds_sum{account="main",provider="tencent",operation="Get_LivePushStatHistory"} 0.42
    livestream_api_request_duration_seconds_count{account="main",provider="tencent",operation="Get_LivePushStatHistory"} 2"
  `);
  expect(await render('livestream_api_request_failures_total')).toContain('kind="throttled"} 1');
});

test('counts the negative delay of a sample from the future as 0, so that the sum never decreases', async () => {
  const { metrics, render } = setUp();
  metrics.addAccount(account, { push_stats: 10_000 });
  const sum = async () =>
    (await render('livestream_sample_delay_seconds'))
      .match(/_(sum|count)\{.*\} .*$/gm)
      ?.map((line) => line.replace(/\{.*\}/, ''));

  metrics.observeSampleDelay(account, 8_000);
  expect(await sum()).toEqual(['_sum 8', '_count 1']);
  metrics.observeSampleDelay(account, -59_000);
  expect(await sum()).toEqual(['_sum 8', '_count 2']);
});

test('keeps the counts of an account that is added again, as by a reload', async () => {
  const { metrics, render } = setUp();
  setEverything({ metrics });
  const before = await render();

  metrics.addAccount(account, { push_stats: 12_000 });
  metrics.addOperation(operation);

  const delay = 'livestream_expected_delay_seconds{account="main",provider="tencent",collector="push_stats"}';
  expect(await render()).toBe(before.replace(`${delay} 10`, `${delay} 12`));
});

test('leaves gauges unchanged whose collector state is undefined', async () => {
  const { metrics, render } = setUp();
  setEverything({ metrics });

  metrics.setCollector(collector, { failing: 0 });

  expect(await render('livestream_collector_targets')).toMatch(/targets\{.*\} 3\n.*failing\{.*\} 0$/);
});

test('keeps the timestamp of the active config after a failed reload', async () => {
  const { metrics, render } = setUp();
  metrics.setReload(noon, true);

  metrics.setReload(noon + 60_000, false);

  expect(await render('livestream_exporter_config')).toBe(
    'livestream_exporter_config_last_reload_successful 0\n' +
      'livestream_exporter_config_last_reload_success_timestamp_seconds 1772366400',
  );
});

test('has no time of a last success while a collector has no targets', async () => {
  const { metrics, render } = setUp();
  metrics.addAccount(account, {});
  const name = 'livestream_collector_last_success_timestamp_seconds{';

  metrics.setCollector(collector, { targets: 1, lastSuccessAt: noon });
  expect(await render()).toContain(name);
  metrics.setCollector(collector, { targets: 0, lastSuccessAt: noon });

  expect(await render()).not.toContain(name);
});

test('removes all series of an account, and ignores later updates of it', async () => {
  const { metrics, render } = setUp();
  setEverything({ metrics });

  metrics.removeAccount(account);
  metrics.removeAccount(account);
  metrics.addOperation(operation);
  metrics.countRequest(operation, { tookMs: 120, failure: 'unavailable' });
  metrics.setBudget(operation, 20);
  metrics.setCollector(collector, { targets: 3 });
  metrics.observeSampleDelay(account, 1);
  metrics.countSkipped(account, 'late', 2);

  expect(await render()).not.toContain('account=');
});

test('renders both formats concurrently, with differences only in the heads of counters', async () => {
  const { metrics } = setUp();
  setEverything({ metrics });
  const own = (text: string) => text.split('\n').filter((line) => line.includes('livestream_'));

  const [text, openMetrics] = await Promise.all([metrics.render('text'), metrics.render('openmetrics')]);
  const again = await metrics.render('text');

  expect(own(again)).toEqual(own(text));
  const heads = (line: string) => line.startsWith('#');
  expect(own(openMetrics).filter((line) => !heads(line))).toEqual(own(text).filter((line) => !heads(line)));
  expect(text).toContain('# TYPE livestream_api_requests_total counter\n');
  expect(openMetrics).toContain('# TYPE livestream_api_requests counter\n');
  expect(openMetrics).not.toContain('\n\n');
  expect(openMetrics).not.toMatch(/^# HELP .*"/m);
  expect(openMetrics).not.toContain('Nan');
});

test('omits the head of a metric without series', async () => {
  const { render } = setUp();

  const heads = await render('# TYPE livestream_');

  expect(heads).toBe(
    '# TYPE livestream_exporter_state_resets_total counter\n# TYPE livestream_exporter_state_recreations_total counter\n# TYPE livestream_exporter_build_info gauge',
  );
});

test('exposes metrics of the process and the runtime', async () => {
  const { render } = setUp();

  expect(await render('process_cpu_seconds_total')).toMatch(/^process_cpu_seconds_total \d/);
  expect(await render('nodejs_heap_size_used_bytes')).toMatch(/ \d+$/);
});

test('shares the metrics of the process with the other registries of the process', async () => {
  const [first, second] = [setUp(), setUp()];

  const texts = await Promise.all([first, second].map(({ render }) => render('nodejs_eventloop_lag_p99')));

  expect(texts).toEqual([expect.stringMatching(/ \d/), expect.stringMatching(/ \d/)]);
  // prom-client cannot stop its observers, so that more than one would stay.
  expect(processMetrics()).toBe(processMetrics());
});

describeWithTool('promtool', 'promtool check metrics', () => {
  test('accepts all metrics, including those of the runtime', async () => {
    const { metrics } = setUp();
    setEverything({ metrics });
    const { series } = setUpPushSeries();
    const target = pushTarget({ labels: { channel: 'a "quoted" \\ 直播\n' } });
    const ledger = newPushLedger(noon);
    const totals = { ...ledger.totals, mediaMs: { video: 0, audio: 0 } };
    series.add(target, { ...ledger, totals, newestAt: noon, leftZero: true });
    const sample = pushSample({ media: pushMedia() });
    series.setView(streamKey(target.stream), {
      live: { followed: sample, others: [] },
      isUnknown: false,
      watermark: noon,
      answeredAt: noon,
      expiresAt: noon + 1,
      since: noon,
      isSinceFirst: true,
    });
    series.setEnd(streamKey(target.stream), { endedAt: noon, reason: 'forbidden' });
    const text = (await renderTables(series.tables)) + (await metrics.render('text'));
    const heads = [...parseFamilies(text).keys()].filter((head) => head.startsWith('livestream_'));
    expect(heads).toHaveLength(pushFamilies.length + metrics.list.length);

    expect(promtoolSays(text)).toBeUndefined();
  });
});
