import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Http } from '../../src/calls/call.ts';
import { providerOf } from '../../src/providers/registry.ts';
import { createApi3 } from '../../src/simulator/api3/api.ts';
import { createWorld, type World } from '../../src/simulator/world/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { readState } from '../support/state.ts';
import { type ChurnSettings, type Life, livesOf, scenarioOfLives } from './story.ts';
import { createWatch, type Watched } from './watch.ts';

/** What a run has shown. */
export interface Outcome extends Watched {
  readonly settings: ChurnSettings;
  /** Number of different streams. */
  readonly names: number;
  /** Number of pushes that began during the run. */
  readonly begun: number;
  /** Samples of all streams that were counted, and those that the provider had returned. */
  readonly counted: number;
  readonly truth: number;
  /** Names of streams with too few or too many samples, or with time that counts as a gap. */
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
  readonly gaps: readonly string[];
  /**
   * Size of the heap in MB at intervals, once the number of targets is steady. Empty without garbage
   * collection.
   */
  readonly heapMegabytes: readonly number[];
  readonly listRequests: number;
  readonly historyRequests: number;
  readonly refused: number;
  readonly seconds: number;
}

/** Time in ms that a request takes, so that a list changes between its pages. */
const requestMs = 100;

/** Time in ms before the start in which samples count: the lookback and the expected delay. */
const lookbackMs = 70_000;

/** Time in ms between two scrapes. */
const scrapeMs = 5000;

/**
 * Time in ms until the number of records in memory is steady: an ended stream stays a target for the grace
 * period and one effective interval, and then its record stays in memory for five minutes.
 */
const steadyAfterMs = 15 * 60_000;

const env = { SECRET_ID: 'the-id', SECRET_KEY: 'the-key' };

export interface ChurnParts {
  /** Collects all garbage; undefined: the heap is not measured. */
  readonly collectGarbage?: (() => void) | undefined;
  readonly onMinute?: (minute: number, series: number) => void;
}

/**
 * Runs the exporter in virtual time with a provider whose live streams come and go, and compares it with the
 * truth.
 */
export async function runChurn(settings: ChurnSettings, parts: ChurnParts = {}): Promise<Outcome> {
  const startedAt = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'livestream-churn-'));
  const clock = createManualClock(noon);
  const lives = livesOf(settings);
  const world = createWorld(scenarioOfLives(lives, settings), noon);
  const provider = createProvider(world, clock);
  const watch = createWatch(lives);
  const heapMegabytes: number[] = [];
  try {
    const daemon = await startTestApp(
      configOf(settings),
      env,
      clock,
      Object.assign(provider.parts, { folder }),
    );
    daemon.app.run();
    const endMs = settings.minutes * 60_000;
    // Afterwards, the history of each stream is requested up to the end of the run.
    const settleMs = 120_000 + 1.3 * Math.max(5000, (settings.streams * 1.5 * 1100) / 20);
    for (let ms = scrapeMs; ms <= endMs + settleMs; ms += scrapeMs) {
      await pass(clock, scrapeMs);
      const shown = await namesOf(daemon);
      watch.shown(shown, ms, Math.min(ms, endMs));
      if (ms % 60_000 !== 0) continue;
      parts.onMinute?.(ms / 60_000, shown.size);
      if (ms % 180_000 !== 0 || ms < steadyAfterMs || ms > endMs || !parts.collectGarbage) continue;
      parts.collectGarbage();
      heapMegabytes.push(process.memoryUsage().heapUsed / 1e6);
    }
    await Promise.all([daemon[Symbol.asyncDispose](), clock.advance(60_000)]);
    const watched = watch.result();
    return {
      settings,
      names: lives.length,
      begun: lives.reduce((sum, { pushes }) => sum + pushes.filter(({ fromMs }) => fromMs >= 0).length, 0),
      ...watched,
      ...compared(folder, world, lives, watched.unseen),
      ...provider.counts,
      heapMegabytes,
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Few streams are polled less often than by default, so that a small run is fast. Many reach the budget in
 * any case.
 */
function configOf({ site }: ChurnSettings): string {
  return `
accounts:
  - {name: a, provider: tencent, api3: {site: ${site}, secret_id_env: SECRET_ID, secret_key_env: SECRET_KEY, endpoint: "http://127.0.0.1:9"}}
domains:
  - {account: a, domain: push.example.com, discover: true}
push_stats: {interval: 15s}
`;
}

/** Creates the provider Tencent whose requests the simulator answers without a network. */
function createProvider(world: World, clock: ManualClock) {
  const answer = createApi3(world);
  const counts = { listRequests: 0, historyRequests: 0, refused: 0 };
  const never = new AbortController().signal;
  const http: Http = async ({ method, headers, body = '' }) => {
    await clock.sleep(requestMs, never);
    const call = { method, headers: new Map(Object.entries(headers)), body: Buffer.from(body) };
    const { operation, outcome, reply } = answer(call, clock.now());
    if (reply.kind !== 'json') throw new Error(`unexpected reply ${reply.kind}`);
    if (operation === 'DescribeLiveStreamOnlineList') counts.listRequests++;
    if (operation === 'DescribeStreamPushInfoList') counts.historyRequests++;
    // The China site does not offer the list of forbidden streams.
    const isOffered = operation !== 'DescribeLiveForbidStreamList';
    if (isOffered && outcome !== 'ok' && outcome !== 'empty') counts.refused++;
    const date = new Date(clock.now()).toUTCString();
    return { status: 200, headers: { date }, text: JSON.stringify(reply.body) };
  };
  const parts = {
    providerOf(name: string) {
      const provider = providerOf(name);
      return {
        ...provider,
        createSources: (...[account, given]: Parameters<typeof provider.createSources>) =>
          provider.createSources(account, { ...given, http }),
      };
    },
  };
  return { counts, parts };
}

/** Advances in small steps, because requests need iterations of the event loop while the clock stands. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) await clock.advance(250);
}

/** Returns the names of the streams that have series. Throws if a stream has a series twice. */
async function namesOf(daemon: TestApp): Promise<ReadonlySet<string>> {
  const text = await daemon.scrape();
  const names = new Set<string>();
  for (const [, name = ''] of text.matchAll(/^livestream_push_samples_total\{.*,stream="([^"]*)"\}/gm)) {
    if (names.has(name)) throw new Error(`two series of ${name}`);
    names.add(name);
  }
  return names;
}

/**
 * Compares the samples in the state file with the truth. A push that was too short for the list need not
 * count.
 */
function compared(folder: string, world: World, lives: readonly Life[], unseen: Watched['unseen']) {
  const records = readState(folder).records.filter((record) => record.question === 'push_stats');
  const byName = new Map(records.map((record) => [String(JSON.parse(record.streamKey).at(-1)), record]));
  const unseenOf = Map.groupBy(unseen, ({ name }) => name);
  const samplesOf = (name: string, fromMs: number, toMs: number) =>
    world.truthOf(name, noon + fromMs, noon + toMs).samples;
  const result = {
    counted: 0,
    truth: 0,
    missing: [] as string[],
    doubled: [] as string[],
    gaps: [] as string[],
  };
  for (const { name, pushes } of lives) {
    const { samples = 0, gapMs = 0 } = byName.get(name)?.push.totals ?? {};
    const all = samplesOf(name, -lookbackMs, pushes.at(-1)?.toMs ?? 0);
    const short = unseenOf.get(name) ?? [];
    const expected = all - short.reduce((sum, { fromMs, toMs }) => sum + samplesOf(name, fromMs, toMs), 0);
    result.counted += samples;
    result.truth += Math.max(expected, Math.min(samples, all));
    if (samples < expected) result.missing.push(`${name} ${samples} of ${expected}`);
    if (samples > all) result.doubled.push(`${name} ${samples} of ${all}`);
    if (gapMs > 0) result.gaps.push(`${name} ${gapMs / 1000} s`);
  }
  return result;
}
