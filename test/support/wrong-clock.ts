import { expect } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import type { World } from '../../src/simulator/world/world.ts';
import { readYaml, startTestApp, type TestApp } from './app.ts';
import type { Front } from './front.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { responsesArrived } from './responses.ts';
import { noon } from './samples.ts';
import { bothProvidersEnv as env, bothProviders as scenario } from './scenarios.ts';

export const minute = 60_000;
/** Twelve minutes of a clock moved by hand take some seconds. */
export const slow = { timeout: 60_000 };

interface Played {
  readonly daemon: TestApp;
  /** The exporter's. */
  readonly clock: ManualClock;
  readonly world: World;
  /** Lets time go by, with polls and scrapes. */
  pass(ms: number): Promise<void>;
  /** By a config that names the stream and the domain, or neither. */
  reload(isNamed: boolean): Promise<void>;
  /** What is counted now: samples, and actions. */
  counted(): Promise<readonly [samples: number, actions: number]>;
}

interface Setting {
  /** What stands between. */
  readonly front?: Front;
  readonly behindMs?: number;
  /** Age of the scenario at the start. */
  readonly toldMs?: number;
  /** In the config, and after a reload. */
  readonly pushStats?: string;
  readonly pushStatsAfter?: string;
  readonly controlHistory?: string;
}

/** A daemon and providers, whose clock goes as it should, whatever becomes of the exporter's. */
export async function play(body: (played: Played) => Promise<void>, setting: Setting = {}): Promise<void> {
  const { front, behindMs = 0, toldMs = 0, pushStats = '{}', pushStatsAfter = pushStats } = setting;
  const { controlHistory = '{}' } = setting;
  const clock = createManualClock(noon);
  const providerClock = { now: () => noon - behindMs + clock.elapsed() };
  await using simulator = await startSimulator({
    scenario,
    clock: providerClock,
    startedAt: providerClock.now() - toldMs,
  });
  if (front !== undefined) front.target = simulator.url;
  const url = front === undefined ? simulator.url : `http://${front.address}`;
  let yaml = config(url, pushStatsAfter, controlHistory);
  await using daemon = await startTestApp(config(url, pushStats, controlHistory), env, clock, {
    readConfig: () => readYaml(yaml, env),
  });
  daemon.app.run();
  const pass = async (ms: number) => {
    const end = clock.elapsed() + ms;
    for (let steps = 0; clock.elapsed() < end; steps++) {
      await clock.advance(1000);
      await responsesArrived();
      if (steps % 10 === 0) await daemon.scrape();
    }
  };
  const counted = async () => {
    const text = await daemon.scrape();
    return [
      valueOfLine(text, 'livestream_push_samples_total'),
      valueOfLine(text, 'livestream_control_actions_total'),
    ] as const;
  };
  const reload = async (isNamed: boolean) => {
    yaml = config(url, pushStatsAfter, controlHistory, isNamed);
    expect(await daemon.app.reload()).toEqual([]);
  };
  await body({ daemon, clock, world: simulator.world, pass, reload, counted });
}

/** Totals at the end of the scenario. */
export function truthOf(world: World): readonly [samples: number, actions: number] {
  const end = world.startedAt + 60 * minute;
  return [
    world.truthOf('news', world.startedAt, end).samples,
    world.truthOfActions('play.example.com', world.startedAt, end)[0]?.actions ?? 0,
  ];
}

/** Returns the value of the only series whose line has this prefix. */
export function valueOfLine(text: string, begin: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(begin));
  return lines.length === 0 ? 0 : Number(lines[0]?.slice(lines[0].lastIndexOf(' ')));
}

function config(url: string, pushStats: string, controlHistory: string, isNamed = true): string {
  return `
push_stats: ${pushStats}
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${url}/common_access"}}
  - {name: a, provider: alibaba, access_key_id_env: KEY_ID, access_key_secret_env: KEY_SECRET, security_token_env: TOKEN, endpoint: "${url}"}
streams: [${isNamed ? '{account: t, stream: news}' : ''}]
domains: [${isNamed ? `{account: a, domain: play.example.com, control_history: ${controlHistory}}` : ''}]
`;
}
