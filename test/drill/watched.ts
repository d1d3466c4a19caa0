import { parse, stringify } from 'yaml';
import type { EpochMs } from '../../src/model/time.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { scenarioOf } from '../support/scenarios.ts';

/**
 * Simulated account that an exporter watches. Each has a simulator of its own, so that its API fails alone.
 */
export interface Watched {
  /** Prefix of the names of its accounts. */
  readonly name: string;
  readonly simulator: Simulator;
  /** Sets how far the clock of the provider is ahead. */
  setClock(aheadMs: number): void;
}

/** Starts a simulator per scenario; all stories begin at `startedAt`. The key is the name of the scenario. */
export async function startWatched(
  scenarios: readonly string[],
  startedAt: EpochMs,
  parts: AsyncDisposableStack,
): Promise<ReadonlyMap<string, Watched>> {
  const all = new Map<string, Watched>();
  for (const yaml of scenarios) {
    const scenario = scenarioOf(yaml);
    let aheadMs = 0;
    const clock = { now: () => Date.now() + aheadMs };
    const simulator = parts.use(await startSimulator({ scenario, clock, startedAt }));
    all.set(scenario.name, {
      name: scenario.name,
      simulator,
      setClock(ms) {
        aheadMs = ms;
      },
    });
  }
  return all;
}

/** Exporter config as far as a drill changes it. */
export interface DrillConfig {
  readonly accounts: readonly { readonly name: string }[];
  readonly streams?: readonly {
    readonly account: string;
    readonly stream: string;
    readonly expect: object;
  }[];
  readonly domains?: readonly {
    readonly account: string;
    readonly domain: string;
    readonly app_names?: readonly string[];
    readonly control_history?: object;
  }[];
  readonly limits?: { readonly max_streams: number };
  readonly alertmanager?: { readonly urls: readonly string[] };
}

/** Returns the config of an exporter that watches all of these. */
export function toDrillConfig(watched: Iterable<Watched>): DrillConfig {
  const configs = [...watched].map(({ name, simulator }) =>
    // Shape: toExporterConfig. The names of the accounts begin with "simulator".
    parse(
      toExporterConfig(simulator.world, simulator.endpoint).replaceAll(
        /\bsimulator\b(?=-(?:api3|alibaba)$|$)/gm,
        name,
      ),
    ),
  ) as DrillConfig[];
  return {
    accounts: configs.flatMap(({ accounts }) => accounts),
    streams: configs.flatMap(({ streams = [] }) => streams),
    domains: configs.flatMap(({ domains = [] }) => domains),
  };
}

/**
 * Returns the environment of an exporter that watches all of these: the keys are the same for all scenarios.
 */
export function toEnvironment(watched: Iterable<Watched>): Readonly<Record<string, string>> {
  return Object.assign(
    {},
    ...[...watched].map(({ simulator }) => exporterEnvironment(simulator.world.scenario)),
  );
}

/** Returns the YAML of a config, without empty lists. */
export function toText({ streams = [], domains = [], ...config }: DrillConfig): string {
  return stringify({
    ...config,
    ...(streams.length > 0 && { streams }),
    ...(domains.length > 0 && { domains }),
  });
}
