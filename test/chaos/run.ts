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
import { startFront } from '../support/front.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { waitFor } from '../support/wait-for.ts';
import { createJumps, startedByWrongClock, withWrongClock } from './clock.ts';
import { withoutNames } from './dns.ts';
import { createDraws, type Draws } from './draws.ts';
import { createExporter, type Exporter } from './exporter.ts';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts';
import { createFaults } from './faults.ts';
import type { ChaosFlags } from './flags.ts';
import { type Life, planLives } from './plan.ts';
import type { Outcome } from './report.ts';
import { readShown } from './shown.ts';
import { cannotSave, withoutStorage, withoutStorageToTheEnd } from './storage.ts';
import { drawScenario, latestMs, waitForDueMs } from './story.ts';
import { knownCounters } from './truth.ts';
import { compare } from './verdict.ts';
import { createWitness } from './witness.ts';

/** One call in so many has a fault: of the fewer calls of control history more, so that each kind meets them too. */
const faultEvery = { tencent: 10, alibaba: 5 } as const;

/** The longest that the exporter may take to catch up, once nothing is in its way. */
const calmMs = 3 * minuteMs;

/** All that a run needs, under way. */
interface Bench {
  readonly world: World;
  readonly prometheus: Prometheus;
  readonly proxy: FaultProxy;
  readonly exporter: Exporter;
}

/** Plays one run to its end. `tell` gets a line now and then. Rejects when the run itself could not go on. */
export async function runChaos(
  { minutes, seed }: ChaosFlags,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const draws = createDraws(`chaos ${seed}`);
  const lives = planLives(minutes, draws.of('lives'));
  const scenario = drawScenario(minutes, seed, draws.of('story'));
  const faults = {
    tencent: createFaults(draws.of('faults of tencent'), faultEvery.tencent),
    alibaba: createFaults(draws.of('faults of alibaba'), faultEvery.alibaba),
  };
  let isCalm = false;

  const waitMs = waitForDueMs(Date.now(), minutes);
  if (waitMs > 0) tell(`waiting ${waitMs / secondMs} s, so that the story has a whole minute`);
  await sleep(waitMs, undefined, { signal });
  await using parts = new AsyncDisposableStack();
  const bench = await startBench(scenario, (provider) => (isCalm ? undefined : faults[provider]()), parts);
  const { world, proxy, prometheus, exporter } = bench;
  const told = (line: string) => tell(`${Math.round((Date.now() - world.startedAt) / secondMs)} s: ${line}`);

  const jumps = createJumps(draws.of('clock'));
  const nextJump = () => {
    const aheadMs = jumps();
    told(`a clock that is ${Math.abs(aheadMs / secondMs)} s ${aheadMs > 0 ? 'ahead' : 'behind'}`);
    return aheadMs;
  };

  const met = await storm(bench, lives, { nextJump, limits: draws.of('disk'), tell: told }, signal);
  isCalm = true;
  const calmAt = Date.now();
  told('calm, until all is caught up');
  await exporter.start();
  const toldAt = Math.max(world.startedAt + minutes * minuteMs + latestMs, calmAt);
  await waitForAll(world, toldAt, prometheus);
  // Some more saves and scrapes: a counter that was born late leaves 0 only when that was seen.
  await sleep(5 * secondMs, undefined, { signal });

  return {
    minutes,
    seed,
    tookMs: Date.now() - world.startedAt,
    calmMs: Date.now() - calmAt,
    kills: lives.length,
    earlyKills: lives.filter(({ isShort }) => isShort).length,
    calls: proxy.arrived(),
    inflicted: proxy.inflicted,
    ...met,
    ...(await lookBack(bench, toldAt)),
  };
}

async function startBench(
  scenario: Scenario,
  nextFault: FaultProxyOptions['nextFault'],
  parts: AsyncDisposableStack,
): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'livestream-chaos-'));
  parts.defer(() => rmSync(folder, { recursive: true, force: true }));
  const front = parts.use(await startFront());
  const prometheus = parts.use(
    await startPrometheus(`
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: livestream
    static_configs: [{targets: ["${front.address}"]}]
`),
  );
  const simulator = parts.use(await startSimulator({ scenario, clock: systemClock }));
  const { world } = simulator;
  const proxy = parts.use(await startFaultProxy({ target: simulator.url, nextFault }));
  const exporter = createExporter({ folder, world, endpoint: proxy.url, front });
  parts.defer(exporter.stop);
  return { world, prometheus, proxy, exporter };
}

/** What a storm had besides the faults of the proxy. */
type Met = Pick<Outcome, 'dnsFailures' | 'storageFaults' | 'storageKills' | 'clockJumps' | 'wrongStarts'>;

interface StormParts {
  /** How far a clock is wrong, each time that it is set. */
  readonly nextJump: () => number;
  /** For how much a disk takes that refuses to the end. */
  readonly limits: Draws;
  readonly tell: (line: string) => void;
}

/** One life after the other, each ended by kill -9. */
async function storm(
  bench: Bench,
  lives: readonly Life[],
  { nextJump, limits, tell }: StormParts,
  signal: AbortSignal,
): Promise<Met> {
  const { exporter, proxy, prometheus } = bench;
  const met = { dnsFailures: 0, storageFaults: 0, storageKills: 0, clockJumps: 0, wrongStarts: 0 };
  for (const [index, { forMs, isShort, trouble }] of lives.entries()) {
    const bornAt = performance.now();
    const arrivedBefore = proxy.arrived();
    if (trouble === 'clock at the start') await startedByWrongClock(exporter, nextJump(), signal);
    else if (isShort) exporter.startOnly();
    else await exporter.start();
    switch (trouble) {
      case 'names':
        met.dnsFailures += await withoutNames({ exporter, proxy, prometheus, arrivedBefore }, signal);
        break;
      case 'storage':
        await withoutStorage(exporter, signal);
        met.storageFaults++;
        break;
      case 'storage to the end':
        await withoutStorageToTheEnd(exporter, limits, signal);
        break;
      case 'clock':
        met.clockJumps += await withWrongClock(exporter, nextJump, signal);
        break;
      case 'clock at the start':
        met.wrongStarts++;
        break;
      case undefined:
        break;
      default:
        trouble satisfies never;
    }
    await sleep(Math.max(0, bornAt + forMs - performance.now()), undefined, { signal });
    if (trouble === 'storage to the end' && cannotSave(exporter)) met.storageKills++;
    await exporter.kill();
    const faults = `${proxy.inflicted.length} faults, ${met.dnsFailures} names not found`;
    const how = trouble === undefined ? '' : ` (${trouble})`;
    tell(`kill ${index + 1} of ${lives.length}${how}, ${proxy.arrived()} calls, ${faults}`);
  }
  return met;
}

/** What the exporter shows at the end and what Prometheus saw all through, held against the truth. */
async function lookBack({ world, prometheus, exporter }: Bench, toldAt: EpochMs) {
  const text = await exporter.metrics();
  const witness = createWitness(prometheus, Date.now() - world.startedAt + minuteMs);
  const comparisons = [];
  for (const { metric, labels, truth } of knownCounters(world, toldAt)) {
    const increases = await witness.increases(metric, ...labels);
    comparisons.push(compare(metric, truth, readShown(text, metric, ...labels), increases));
  }
  const counters = [];
  for (const { name, type } of [...pushFamilies, ...controlFamilies]) {
    const metric = `${name}_total`;
    if (type === 'counter') counters.push({ metric, ...(await witness.resets(metric)) });
  }
  return {
    comparisons,
    counters,
    gapSeconds: sumOf(text, 'livestream_push_gap_seconds_total', 'livestream_control_gap_seconds_total'),
    stateResets: await witness.highest('livestream_exporter_state_resets_total'),
    scrapes: await witness.scrapes(),
  };
}

/** Until every stream and every domain has been asked about up to `toldAt`. */
async function waitForAll(world: World, toldAt: EpochMs, prometheus: Prometheus): Promise<void> {
  const marks = {
    livestream_push_watermark_timestamp_seconds: world.streams.length,
    livestream_control_watermark_timestamp_seconds: world.scenario.domains.length,
  };
  await waitFor(
    'the exporter to catch up',
    async () => {
      for (const [metric, wanted] of Object.entries(marks)) {
        const reached = await prometheus.query(`${metric} * 1000 >= ${toldAt}`);
        if (reached.length < wanted) return undefined;
      }
      return true;
    },
    calmMs,
  );
}

function sumOf(text: string, ...metrics: readonly string[]): number {
  return metrics
    .flatMap((metric) => [...readShown(text, metric, 'domain', 'stream').values()])
    .reduce((sum, value) => sum + value, 0);
}
