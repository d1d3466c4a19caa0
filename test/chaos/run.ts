import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/clock.ts';
import { controlFamilies } from '../../src/metrics/control/control-families.ts';
import { pushFamilies } from '../../src/metrics/push/push-families.ts';
import { type EpochMs, minuteMs, secondMs } from '../../src/model/time.ts';
import type { Scenario } from '../../src/simulator/scenario/scenario.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { World } from '../../src/simulator/world/world.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { startTcpFront } from '../support/tcp-front.ts';
import { waitForAll, waitUntilSteady } from './caught-up.ts';
import { createClockSteps, startWithWrongClock, withWrongClock } from './clock.ts';
import { withoutNames } from './dns.ts';
import { createDraws, type Draws } from './draws.ts';
import { createExporter, type Exporter } from './exporter.ts';
import { readExposed } from './exposed.ts';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts';
import { createFaults } from './faults.ts';
import type { ChaosFlags } from './flags.ts';
import { type Life, leapEveryMs, leapMs, planLives, storyMsOf } from './plan.ts';
import type { Outcome } from './report.ts';
import {
  cannotSave,
  withDeletedState,
  withFailingWrites,
  withFailingWritesUntilKill,
  withForeignWriter,
  withHungDisk,
} from './storage.ts';
import { drawScenario, type LatePhase, latePhasesOf, latestMs } from './story.ts';
import { type KnownCounter, knownCounters } from './truth.ts';
import { compare } from './verdict.ts';
import { createWitness } from './witness.ts';
import { createWorldClock, type WorldClock } from './world-clock.ts';

/**
 * Average number of requests per fault. Control history has fewer requests, so it has more faults per
 * request.
 */
const faultEvery = { tencent: 10, alibaba: 5 } as const;

/**
 * Leap at the end of a run: longer than the age at which the exporter counts time without samples as missing.
 * This is 16 min plus the delay that it has observed, and samples are up to 10 min late.
 */
const confirmedMs = 30 * minuteMs;

/** Running parts of a run. */
interface Setup {
  readonly clock: WorldClock;
  /** State of the provider that the lives change. */
  readonly provider: { limitsWindows: boolean };
  readonly world: World;
  readonly prometheus: Prometheus;
  readonly proxy: FaultProxy;
  readonly exporter: Exporter;
}

/** Executes one run. `report` receives progress lines. Rejects if the run cannot continue. */
export async function runChaos(
  { minutes, seed }: ChaosFlags,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const draws = createDraws(`chaos ${seed}`);
  const lives = planLives(minutes, draws.of('lives'));
  const storyMs = storyMsOf(lives);
  const scenario = drawScenario(storyMs, seed, draws.of('story'));
  const faults = {
    tencent: createFaults(draws.of('faults of tencent'), faultEvery.tencent),
    alibaba: createFaults(draws.of('faults of alibaba'), faultEvery.alibaba),
  };
  let isCalm = false;

  await using parts = new AsyncDisposableStack();
  const setup = await startParts(scenario, (provider) => (isCalm ? undefined : faults[provider]()), parts);
  const { world, proxy, prometheus, exporter, clock } = setup;
  const log = (line: string) => report(`${Math.round((Date.now() - world.startedAt) / secondMs)} s: ${line}`);

  const clockSteps = createClockSteps(draws.of('clock'));
  const nextStep = () => {
    const aheadMs = clockSteps();
    log(`clock ${Math.abs(aheadMs / secondMs)} s ${aheadMs > 0 ? 'ahead' : 'behind'}`);
    return aheadMs;
  };

  const events = await runLives(setup, lives, { nextStep, disk: draws.of('disk'), report: log }, signal);
  isCalm = true;
  const calmAtMs = performance.now();
  log('no more faults; waiting until the exporter has caught up');
  await exporter.start();
  const until = Math.max(world.startedAt + storyMs + latestMs, clock.now());
  await waitForAll(world, until, prometheus);
  log('time leaps during a restart, so that all time without samples is confirmed');
  // The exporter confirms the time of an outage 16 min later, by its monotonic clock, which cannot leap. A
  // restart forgets that.
  await exporter.stop();
  clock.leap(confirmedMs);
  exporter.setClock(0);
  await exporter.start();
  await waitForAll(world, clock.now(), prometheus);
  // Compute the truth first: this blocks the event loop, so that a scrape can fail.
  const truth = { counters: knownCounters(world, until), partialSamples: partialSamplesOf(world, until) };
  await waitUntilSteady(prometheus, signal);
  // Allow more flushes and scrapes: a new counter leaves 0 only after a scrape has seen the 0 (zero hold).
  await sleep(5 * secondMs, undefined, { signal });

  return {
    minutes,
    seed,
    tookMs: Date.now() - world.startedAt,
    calmMs: performance.now() - calmAtMs,
    kills: lives.length,
    earlyKills: lives.filter(({ isShort }) => isShort).length,
    calls: proxy.arrived(),
    inflicted: proxy.inflicted,
    ...events,
    partialSamples: truth.partialSamples,
    ...(await compareWithTruth(setup, truth.counters)),
  };
}

async function startParts(
  scenario: Scenario,
  nextFault: FaultProxyOptions['nextFault'],
  parts: AsyncDisposableStack,
): Promise<Setup> {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-chaos-'));
  parts.defer(() => rmSync(directory, { recursive: true, force: true }));
  const front = parts.use(await startTcpFront());
  const prometheus = parts.use(
    await startPrometheus(`
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: livestream
    static_configs: [{targets: ["${front.address}"]}]
`),
  );
  const clock = createWorldClock(systemClock.now);
  const simulator = parts.use(await startSimulator({ scenario, clock }));
  const { world } = simulator;
  const provider = { limitsWindows: false };
  const limitsWindows = () => provider.limitsWindows;
  const proxy = parts.use(
    await startFaultProxy({ target: simulator.url, nextFault, limitsWindows, now: clock.now }),
  );
  const { leaptMs } = clock;
  const exporter = createExporter({ directory, world, endpoint: proxy.url, front, leaptMs });
  parts.defer(exporter.stop);
  return { clock, provider, world, prometheus, proxy, exporter };
}

/** Number of events other than the faults of the proxy. */
type EventCounts = Pick<
  Outcome,
  | 'dnsFailures'
  | 'storageFaults'
  | 'storageKills'
  | 'stateDeletions'
  | 'foreignWriters'
  | 'hungDisks'
  | 'clockSteps'
  | 'wrongStarts'
  | 'latePhases'
>;

interface LivesOptions {
  /** Returns the next clock step in ms. */
  readonly nextStep: () => number;
  /** Random size limits for failing writes, and accidents of the state. */
  readonly disk: Draws;
  readonly report: (line: string) => void;
}

/** Runs the lives one after the other; each ends with kill -9. */
async function runLives(
  setup: Setup,
  lives: readonly Life[],
  { nextStep, disk, report }: LivesOptions,
  signal: AbortSignal,
): Promise<EventCounts> {
  const { clock, provider, world, exporter, proxy, prometheus } = setup;
  const counts = {
    dnsFailures: 0,
    storageFaults: 0,
    storageKills: 0,
    stateDeletions: 0,
    foreignWriters: 0,
    hungDisks: 0,
    clockSteps: 0,
    wrongStarts: 0,
  };
  const phases = latePhasesOf(world.scenario);
  const lived = new Set<LatePhase>();
  for (const [index, { forMs, isShort, trouble, awayMs, leaps }] of lives.entries()) {
    clock.leap(awayMs);
    exporter.setClock(0);
    provider.limitsWindows = trouble === 'windows';
    const startedAt = clock.now() - world.startedAt;
    const startedAtMs = performance.now();
    const arrivedBefore = proxy.arrived();
    if (trouble === 'clock at the start') await startWithWrongClock(exporter, nextStep(), signal);
    else if (isShort) exporter.startOnly();
    else await exporter.start();
    switch (trouble) {
      case 'names':
        counts.dnsFailures += await withoutNames({ exporter, proxy, prometheus, arrivedBefore }, signal);
        break;
      case 'storage':
        await withFailingWrites(exporter, signal);
        counts.storageFaults++;
        break;
      case 'storage to the end':
        await withFailingWritesUntilKill(exporter, disk, signal);
        break;
      case 'state deleted':
        report(await withDeletedState(exporter, disk, signal));
        counts.stateDeletions++;
        break;
      case 'foreign writer':
        await withForeignWriter(exporter, signal);
        counts.foreignWriters++;
        break;
      case 'hung disk':
        report(await withHungDisk(exporter, disk, signal));
        counts.hungDisks++;
        break;
      case 'clock':
        counts.clockSteps += await withWrongClock(exporter, nextStep, signal);
        break;
      case 'clock at the start':
        counts.wrongStarts++;
        break;
      case 'windows':
        break;
      case undefined:
        for (let n = 0; n < leaps; n++) {
          await sleep(leapEveryMs, undefined, { signal });
          clock.leap(leapMs);
          exporter.setClock(0);
        }
        break;
      default:
        trouble satisfies never;
    }
    await sleep(Math.max(0, startedAtMs + forMs - performance.now()), undefined, { signal });
    if (trouble === 'storage to the end' && cannotSave(exporter)) counts.storageKills++;
    await exporter.kill();
    const endedAt = clock.now() - world.startedAt;
    for (const phase of isShort ? [] : phases) {
      if (phase.from < endedAt && phase.heldUntil > startedAt) lived.add(phase);
    }
    const faults = `${proxy.inflicted.length} faults, ${counts.dnsFailures} failed name lookups`;
    const fault = trouble === undefined ? '' : ` (${trouble})`;
    report(`kill ${index + 1} of ${lives.length}${fault}, ${proxy.arrived()} requests, ${faults}`);
  }
  return { ...counts, latePhases: lived.size };
}

/** Compares the final metrics of the exporter and the history in Prometheus with the ground truth. */
async function compareWithTruth({ world, prometheus, exporter }: Setup, known: readonly KnownCounter[]) {
  const text = await exporter.metrics();
  const witness = createWitness(prometheus, Date.now() - world.startedAt + minuteMs);
  const comparisons = [];
  for (const { metric, labels, truth } of known) {
    const increases = await witness.increases(metric, ...labels);
    comparisons.push(compare(metric, truth, readExposed(text, metric, ...labels), increases));
  }
  const counters = [];
  for (const { name, type } of [...pushFamilies, ...controlFamilies]) {
    const metric = `${name}_total`;
    // The statistics API reports no media time.
    if (name === 'livestream_push_media_seconds') continue;
    if (type === 'counter') counters.push({ metric, ...(await witness.resets(metric)) });
  }
  return {
    comparisons,
    counters,
    unreadableRows: await witness.highest(
      'livestream_samples_skipped_total{account="simulator",reason="malformed"}',
    ),
    gapSeconds: sumOf(text, 'livestream_push_gap_seconds_total', 'livestream_control_gap_seconds_total'),
    stateResets: await witness.highest('livestream_exporter_state_resets_total'),
    scrapes: await witness.scrapes(),
  };
}

function partialSamplesOf(world: World, until: EpochMs): number {
  return world.streams
    .flatMap(({ name }) => world.samplesOf(name, world.startedAt, until))
    .filter(
      ({ framesPerSecond, bitsPerSecond }) => framesPerSecond === undefined || bitsPerSecond === undefined,
    ).length;
}

function sumOf(text: string, ...metrics: readonly string[]): number {
  return metrics
    .flatMap((metric) => [...readExposed(text, metric, 'domain', 'stream').values()])
    .reduce((sum, value) => sum + value, 0);
}
