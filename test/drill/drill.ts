import { setTimeout as sleep } from 'node:timers/promises';
import { minuteMs, secondMs } from '../../src/model/time.ts';
import type { Webhook } from '../support/webhook.ts';
import { consequences, expectedAlerts, nowhere, scenarios, times, unknownDomain } from './causes.ts';
import { type Expectation, judgeEpisodes, toEpisodes, type Verdict } from './episodes.ts';
import { createDrillExporter, type DrillExporter } from './exporter.ts';
import { type Stack, startStack, temporaryDirectory } from './stack.ts';
import { type DrillConfig, startWatched, toDrillConfig, toEnvironment } from './watched.ts';

/** Time in which the alerts of the first part arrive and end, at the latest. */
const partOneMs = 14 * minuteMs;
/** Time in which an alert about the exporter arrives, or ends, at the latest. */
const oneAlertMs = 3 * minuteMs;
/**
 * Time after the last alert in which none may follow: two evaluations, `group_interval` and a
 * keep_firing_for.
 */
const quietMs = 75 * secondMs;

export interface DrillOptions {
  readonly factor: number;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Provokes every alert. */
export async function runDrill({ factor, report, signal }: DrillOptions): Promise<Verdict> {
  await using parts = new AsyncDisposableStack();
  const startedAt = Date.now();
  const watched = await startWatched(scenarios, startedAt, parts);
  const all = [...watched.values()];
  const ofFirst = all.filter(({ name }) => name !== 'second');
  const environment = toEnvironment(all);
  const whole = toFirstConfig(toDrillConfig(ofFirst));
  const secondConfig = toDrillConfig(all.filter(({ name }) => name === 'second'));

  const directories = [temporaryDirectory(parts), temporaryDirectory(parts)] as const;
  const first = await createDrillExporter({ directory: directories[0], config: whole, environment, parts });
  const second = await createDrillExporter({
    directory: directories[1],
    config: { ...secondConfig, limits: { max_streams: 2 } },
    environment,
    parts,
  });
  second.spoilState();
  await Promise.all([first.start(), second.start()]);
  const stack = await startStack({ exporters: [first, second], factor, report }, parts);
  report('running; the causes begin after a minute');

  const until = (seconds: number) =>
    sleep(Math.max(0, startedAt + seconds * secondMs - Date.now()), undefined, { signal });
  const act = async () => {
    await until(times.from);
    watched.get('skewed')?.setClock(20 * secondMs);
    await first.reload({
      ...withUnknownDomain(withoutStream(whole, 'gap')),
      alertmanager: { urls: [nowhere] },
    });
    await until(times.restart);
    await second.stop();
    await second.start();
    await until(times.broken);
    second.limitFiles(0);
    await second.reloadBroken();
    await until(times.until);
    watched.get('skewed')?.setClock(0);
    await first.reload(withoutStream(whole, 'gap'));
    await until(times.fixed);
    await second.reload(secondConfig);
    await until(times.gapEnds);
    await first.reload(whole);
    await until(times.canWrite);
    second.limitFiles('unlimited');
  };
  const expectations = [...expectedAlerts(startedAt, second.address)];
  await Promise.all([act(), settle(stack.webhook, expectations, partOneMs, { report, signal })]);

  report('both exporters stop');
  expectations.push(await provokeDown(stack, [first, second], { report, signal }));
  report('Prometheus loses its targets');
  expectations.push(await provokeAbsent(stack, [first, second], { report, signal }));
  await sleep(quietMs, undefined, { signal });
  return judgeEpisodes(toEpisodes(stack.webhook.notified), expectations, consequences);
}

type Watch = Pick<DrillOptions, 'report' | 'signal'>;

/** Waits until the expected alerts have arrived and ended, or the time is over. */
async function settle(
  { notified }: Webhook,
  expectations: readonly Expectation[],
  withinMs: number,
  { report, signal }: Watch,
): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    const { rows } = judgeEpisodes(toEpisodes(notified), expectations, []);
    const open = rows.filter(({ problem }) => problem !== '');
    if (open.length === 0) return;
    if (performance.now() > end) {
      report(`time over, open: ${open.map(({ expectation: { alert } }) => alert).join(', ')}`);
      return;
    }
    await sleep(secondMs, undefined, { signal });
  }
}

async function provokeDown(
  stack: Stack,
  exporters: readonly DrillExporter[],
  watch: Watch,
): Promise<Expectation> {
  const expectation = { alert: 'LivestreamExporterDown', labels: {}, causeAt: Date.now() };
  await Promise.all(exporters.map((exporter) => exporter.stop()));
  await settleArrival(stack.webhook, expectation, watch);
  const endAt = Date.now();
  await Promise.all(exporters.map((exporter) => exporter.start()));
  await settle(stack.webhook, [{ ...expectation, endAt }], oneAlertMs, watch);
  return { ...expectation, endAt };
}

async function provokeAbsent(
  stack: Stack,
  exporters: readonly DrillExporter[],
  watch: Watch,
): Promise<Expectation> {
  const expectation = { alert: 'LivestreamExporterAbsent', labels: {}, causeAt: Date.now() };
  const [prometheus] = stack.prometheus;
  // Shape: config/prometheus.yml. An empty list of targets.
  await prometheus?.reload(stack.prometheusConfig([]).replace('targets: [""]', 'targets: []'));
  await settleArrival(stack.webhook, expectation, watch);
  const endAt = Date.now();
  await prometheus?.reload(stack.prometheusConfig(exporters.map(({ address }) => address)));
  await settle(stack.webhook, [{ ...expectation, endAt }], oneAlertMs, watch);
  return { ...expectation, endAt };
}

function settleArrival(webhook: Webhook, expectation: Expectation, watch: Watch): Promise<void> {
  return settle(webhook, [{ ...expectation, isEndless: true }], oneAlertMs, watch);
}

/** The end of a push is in the history of its domain. A stream that may end is not expected live. */
function toFirstConfig(config: DrillConfig): DrillConfig {
  const { streams = [], domains = [] } = config;
  return {
    ...config,
    streams: streams.map((stream) =>
      stream.stream === 'ended' ? { ...stream, expect: { ...stream.expect, live: false } } : stream,
    ),
    domains: [
      ...domains,
      {
        account: 'streams-api3',
        domain: 'push.example.com',
        app_names: ['live'],
        control_history: { interval: '10s' },
      },
    ],
  };
}

function withoutStream(config: DrillConfig, name: string): DrillConfig {
  return { ...config, streams: (config.streams ?? []).filter(({ stream }) => stream !== name) };
}

function withUnknownDomain(config: DrillConfig): DrillConfig {
  const domain = {
    account: 'partial-alibaba',
    domain: unknownDomain,
    control_history: { interval: '10s', lookback: '10m' },
  };
  return { ...config, domains: [...(config.domains ?? []), domain] };
}
