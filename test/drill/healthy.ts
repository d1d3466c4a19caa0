import { setTimeout as sleep } from 'node:timers/promises';
import { minuteMs, secondMs } from '../../src/model/time.ts';
import type { DrillOptions } from './drill.ts';
import { type Expectation, judgeEpisodes, toEpisodes, type Verdict } from './episodes.ts';
import { createDrillExporter } from './exporter.ts';
import { startStack, temporaryDirectory } from './stack.ts';
import { type DrillConfig, startWatched, toDrillConfig, toEnvironment } from './watched.ts';

/** Times of the events in minutes after the start. */
const events = {
  handover: 3,
  backup: 3,
  backupEnds: 8,
  outage: 4,
  late: 5,
  lateEnds: 15,
  exporterRestart: 7,
  prometheusRestart: 9,
} as const;

/** Minutes after the outage in which nothing may follow it. */
const afterOutage = 6;
const maxOutage = 20;

/** Shortest run: the outage ends after both restarts. */
export const minHealthyMinutes = events.prometheusRestart + 1 + afterOutage;

/**
 * Expected hours of a stream, in minutes after the start. They begin and end at whole minutes of the clock.
 */
const hours = { from: 4, to: 9 } as const;

const noisy = 'noise: 5%';

/** Returns the end of the outage in minutes after the start. */
function outageEndOf(minutes: number): number {
  return Math.min(events.outage + maxOutage, minutes - afterOutage);
}

/** Reports whether the run is long enough for a late account. */
function hasLate(minutes: number): boolean {
  return minutes >= events.lateEnds + afterOutage;
}

/** Returns the scenarios of a run, one per account. */
export function healthyScenarios(startedAt: number, minutes: number): readonly string[] {
  const outageEnds = outageEndOf(minutes);
  const { from, to } = hoursOf(startedAt);
  const begins = Math.round((from - startedAt) / secondMs);
  const ends = Math.round((to - startedAt) / secondMs);
  return [
    `
name: steady
${noisy}
provider: {late: {share: 2%, by: 20s}, doubled: {share: 1%}}
streams:
  - {name: slow, fps: 15}
  - {name: film, fps: 24}
  - {name: "pal-{n}", fps: 25, count: 5}
  - {name: ntsc, fps: 30}
  - {name: fast, fps: 50}
  - {name: sport, fps: 60}
  - {name: pair, story: [{at: ${events.backup}m, for: ${events.backupEnds - events.backup}m, second_publisher: 203.0.113.7}]}
  - {name: handover, story: [{at: ${events.handover}m, client_ip: 203.0.113.8, server_ip: 198.51.100.8}]}
  - {name: hours, start: ${begins}s, stop: ${ends}s}
  - {name: begins, start: 2m}
  - {name: ends, stop: 6m}
  - {name: modern, api: api3, fps: 30}
domains: [{name: play.example.com}]
`,
    `
name: outage
${noisy}
provider: {story: [{at: ${events.outage}m, for: ${outageEnds - events.outage}m, answer: '503'}]}
streams:
  - {name: "cut-{n}", count: 3}
  - {name: bad-meanwhile, story: [{at: ${events.outage + 1}m, for: ${outageEnds - events.outage - 2}m, fps: 40%}]}
  - {name: frozen-meanwhile, story: [{at: ${events.outage + 1}m, for: 2m, fps: 0}]}
`,
    ...(hasLate(minutes) ? [lateScenario] : []),
  ];
}

const lateScenario = `
name: late
${noisy}
provider: {story: [{at: ${events.late}m, for: ${events.lateEnds - events.late}m, held_until: ${events.lateEnds}m}]}
streams:
  - {name: "late-{n}", count: 3}
  - {name: bad-and-late, story: [{at: ${events.late + 1}m, for: 3m, fps: 40%}]}
`;

/** Returns the expected hours of the stream `hours` in epoch milliseconds. */
function hoursOf(startedAt: number): { readonly from: number; readonly to: number } {
  const first = Math.ceil(startedAt / minuteMs) * minuteMs;
  return { from: first + hours.from * minuteMs, to: first + hours.to * minuteMs };
}

/** The streams that begin and end are not expected live, or only in their hours. */
function withExpectations(config: DrillConfig, startedAt: number): DrillConfig {
  const { from, to } = hoursOf(startedAt);
  const text = (at: number) => new Date(at).toISOString().slice(11, 16);
  const live: Readonly<Record<string, unknown>> = {
    hours: [{ from: text(from), to: text(to), time_zone: 'UTC' }],
    begins: false,
    ends: false,
  };
  return {
    ...config,
    streams: (config.streams ?? []).map((stream) =>
      stream.stream in live ? { ...stream, expect: { ...stream.expect, live: live[stream.stream] } } : stream,
    ),
  };
}

/**
 * Plays healthy streams with the shipped durations: an outage, a late account, a handover and restarts. Only
 * the outage, the late account and the handover cause an alert, one each.
 */
export async function runHealthy(
  minutes: number,
  { report, signal }: Omit<DrillOptions, 'factor'>,
): Promise<Verdict> {
  await using parts = new AsyncDisposableStack();
  const startedAt = Date.now();
  const outageEnds = outageEndOf(minutes);
  const scenarios = healthyScenarios(startedAt, minutes);
  const watched = [...(await startWatched(scenarios, startedAt, parts)).values()];
  const exporter = await createDrillExporter({
    directory: temporaryDirectory(parts),
    config: withExpectations(toDrillConfig(watched), startedAt),
    environment: toEnvironment(watched),
    parts,
  });
  await exporter.start();
  const stack = await startStack({ exporters: [exporter], factor: 1, report }, parts);
  report(`running for ${minutes} minutes, with an outage of ${outageEnds - events.outage} minutes`);

  const until = (at: number) =>
    sleep(Math.max(0, startedAt + at * minuteMs - Date.now()), undefined, { signal });
  await until(events.exporterRestart);
  report('the exporter restarts');
  await exporter.stop();
  await exporter.start();
  await until(events.prometheusRestart);
  report('Prometheus restarts');
  for (const prometheus of stack.prometheus) await prometheus.restart();
  await until(minutes);

  const expectation = (
    alert: string,
    labels: Expectation['labels'],
    from: number,
    to?: number,
  ): Expectation => ({
    alert: `Livestream${alert}`,
    labels,
    causeAt: startedAt + from * minuteMs,
    ...(to !== undefined && { endAt: startedAt + to * minuteMs }),
  });
  const expectations = [
    { ...expectation('Watchdog', {}, 0), isEndless: true },
    expectation('PushPublisherChanged', { stream: 'handover' }, events.handover),
    expectation(
      'CollectorFailing',
      { account: 'outage', collector: 'push_stats' },
      events.outage,
      outageEnds,
    ),
    ...(hasLate(minutes)
      ? [expectation('ProviderLagging', { account: 'late' }, events.late, events.lateEnds)]
      : []),
  ];
  return judgeEpisodes(toEpisodes(stack.webhook.notified), expectations, []);
}
