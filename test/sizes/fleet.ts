import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, startProgram } from './program.ts';

/** API that streams are polled from. */
export type Api = 'statcgi' | 'api3' | 'alibaba';

export interface FleetOptions {
  /** Path of the main file of the program. */
  readonly main: string;
  /** Empty directory for the files of the run. */
  readonly directory: string;
  readonly api: Api;
  readonly streams: number;
}

/** An exporter that polls the streams of a simulator; each is a process of its own. */
export interface Fleet extends AsyncDisposable {
  readonly exporter: Program;
  /** URL of the metrics. */
  readonly url: string;
  readonly stateDirectory: string;
}

/**
 * Starts a simulator with healthy streams and an exporter with all of them in its config. All settings have
 * their defaults, and each stream has a complete expectation. The environment is that of the image.
 */
export async function startFleet({ main, directory, api, streams }: FleetOptions): Promise<Fleet> {
  await using stack = new AsyncDisposableStack();
  const scenario = join(directory, 'scenario.yaml');
  const domain = api === 'alibaba' ? ', domain: play.example.com' : '';
  writeFileSync(
    scenario,
    `name: sizes\nstreams: [{name: "stream-{n}", count: ${streams}, api: ${api}${domain}}]\n`,
  );
  const simulate = ['simulate', `--scenario=${scenario}`, '--listen-address=127.0.0.1:0'];
  const simulator = stack.use(startProgram(main, simulate, {}));
  const origin = await simulator.found(/ at (http:\S+)[\s\S]*^accounts:/m);

  const config = join(directory, 'livestream-exporter.yaml');
  writeFileSync(config, await (await fetch(`${origin}/-/config`)).text());
  const stateDirectory = join(directory, 'data');
  const serve = [
    `--config.file=${config}`,
    `--storage.path=${stateDirectory}`,
    '--web.listen-address=127.0.0.1:0',
  ];
  const exporter = stack.use(startProgram(main, serve, { MALLOC_ARENA_MAX: '2', ...credentials }));
  const url = await exporter.found(/msg=listening .*?url=(\S+)/);
  const running = stack.move();
  return {
    exporter,
    url: new URL('/metrics', url).href,
    stateDirectory,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Made-up credentials that the simulator accepts by default. */
const credentials = {
  SIMULATOR_STAT_KEY: 'simulator-demo-key',
  SIMULATOR_SECRET_ID: 'simulator-demo-secret-id',
  SIMULATOR_SECRET_KEY: 'simulator-demo-secret-key',
  SIMULATOR_ACCESS_KEY_ID: 'simulator-demo-id',
  SIMULATOR_ACCESS_KEY_SECRET: 'simulator-demo-secret',
};
