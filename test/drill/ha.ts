import { setTimeout as sleep } from 'node:timers/promises';
import { minuteMs, secondMs } from '../../src/model/time.ts';
import { toTable } from '../chaos/table.ts';
import type { Notified } from '../support/webhook.ts';
import type { DrillOptions } from './drill.ts';
import { createDrillExporter } from './exporter.ts';
import { spreadText } from './report.ts';
import { startStack, temporaryDirectory } from './stack.ts';
import { startWatched, toDrillConfig, toEnvironment } from './watched.ts';

/** Begin of the first cause, distance of two causes, and their duration, in seconds. */
const first = 45;
const every = 7;
const lasts = 90;
/** Time after the last cause in which all ends are notified, and repetitions would be. */
const afterMs = 4 * minuteMs;

export interface HaOptions extends Omit<DrillOptions, 'factor'> {
  readonly runs: number;
  readonly groupInterval: string | undefined;
}

/** Notifications about one cause. */
export interface HaRun {
  readonly stream: string;
  /** Number of notifications of the alert, and of its end. */
  readonly firing: number;
  readonly resolved: number;
  /**
   * Time in ms from the moment at which the provider showed the first bad sample to the first notification;
   * undefined if there was none.
   */
  readonly tookMs: number | undefined;
}

export interface HaOutcome {
  readonly runs: readonly HaRun[];
  /** Names of other alerts that were notified. Nothing provokes any. */
  readonly others: readonly string[];
}

/**
 * Lets the frame rate of one stream after the other drop. Two exporters watch them, two Prometheus scrape
 * both exporters and send to both Alertmanagers, which are a cluster. Each stream has a domain of its own, so
 * that its alert is a group of its own at Alertmanager.
 */
export async function runHa({ runs, groupInterval, report, signal }: HaOptions): Promise<HaOutcome> {
  await using parts = new AsyncDisposableStack();
  const startedAt = Date.now();
  const causeOf = (i: number) => first + i * every;
  const streams = Array.from(
    { length: runs },
    (_, i) =>
      `  - {name: "run-${i + 1}", domain: "d${i + 1}.example.com", story: [{at: ${causeOf(i)}s, for: ${lasts}s, fps: 60%}]}`,
  );
  const scenario = `\nname: pair\nnoise: 5%\nstreams:\n${streams.join('\n')}\n`;
  const [watched] = [...(await startWatched([scenario], startedAt, parts)).values()];
  if (watched === undefined) throw new Error('no simulator');
  const exporters = [];
  for (let i = 0; i < 2; i++) {
    const exporter = await createDrillExporter({
      directory: temporaryDirectory(parts),
      config: toDrillConfig([watched]),
      environment: toEnvironment([watched]),
      parts,
    });
    await exporter.start();
    exporters.push(exporter);
  }
  const stack = await startStack({ exporters, factor: 1, servers: 2, groupInterval, report }, parts);
  report(`running: ${runs} causes`);
  const endAt = startedAt + (causeOf(runs - 1) + lasts) * secondMs + afterMs;
  await sleep(Math.max(0, endAt - Date.now()), undefined, { signal });

  const { world } = watched.simulator;
  const outcomes = Array.from({ length: runs }, (_, i) => {
    const stream = `run-${i + 1}`;
    const own = stack.webhook.notified.filter(({ labels }) => labels.stream === stream);
    const arrivedAt = own[0]?.at;
    const from = startedAt + causeOf(i) * secondMs;
    const [sample] = world.samplesOf(stream, from, from + minuteMs);
    if (sample === undefined) throw new Error(`the simulator has no sample of ${stream}`);
    const tookMs = arrivedAt === undefined ? undefined : arrivedAt - world.visibleAt(stream, sample);
    return { stream, ...countOf(own), tookMs };
  });
  const names = stack.webhook.notified.map(({ labels: { alertname = '' } }) => alertname);
  const others = names.filter((name) => !['LivestreamPushFpsLow', 'LivestreamWatchdog'].includes(name));
  return { runs: outcomes, others: [...new Set(others)] };
}

function countOf(notified: readonly Notified[]): Pick<HaRun, 'firing' | 'resolved'> {
  const resolved = notified.filter(({ status }) => status === 'resolved').length;
  return { firing: notified.length - resolved, resolved };
}

/** Reports whether each cause and each end was notified exactly once, and nothing else. */
export function isHaPassed({ runs, others }: HaOutcome): boolean {
  return runs.every(isOnce) && others.length === 0;
}

function isOnce({ firing, resolved }: HaRun): boolean {
  return firing === 1 && resolved === 1;
}

/** Formats the runs and the verdict. */
export function toHaReport({ runs, others }: HaOutcome): string {
  const wrong = runs.filter((run) => !isOnce(run)).length;
  return [
    toTable([
      ['run', 'firing', 'resolved', 'seconds'],
      ...runs.map(({ stream, firing, resolved, tookMs }) => [
        stream,
        String(firing),
        String(resolved),
        tookMs === undefined ? '-' : (tookMs / secondMs).toFixed(1),
      ]),
    ]),
    `from the first bad sample at the provider to the webhook: ${spreadText(runs.flatMap(({ tookMs }) => tookMs ?? []))}\n`,
    `${runs.length} causes, ${runs.length - wrong} of them notified once and resolved once; ` +
      `other alerts: ${others.join(', ') || 'none'}\n`,
  ].join('');
}
