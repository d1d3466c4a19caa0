import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type AppOptions, startApp } from '../../src/app/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readSecrets } from '../../src/config/secrets.ts';
import { createLog } from '../../src/log.ts';
import type { Clock } from '../../src/model/time.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';
import { type ManualClock, settle } from './manual-clock.ts';
import { responsesArrived } from './responses.ts';
import { createLocalStorage } from './storage.ts';

export interface TestApp extends AsyncDisposable {
  readonly app: App;
  /** Log lines so far. */
  readonly log: string[];
  /**
   * Returns the text of /metrics for a request with these headers. The connection ends with the response, so that
   * the response counts as received at once.
   */
  scrape(headers?: Readonly<Record<string, string>>): Promise<string>;
}

/** Counts nonces across all apps of a test: a restarted daemon must not reuse a nonce. */
let nonces = 0;

/** Starts the app on port 0 with this config, its state in `folder` or a temporary directory, and no randomness. */
export async function startTestApp(
  yaml: string,
  env: Readonly<Record<string, string>>,
  clock: Clock,
  options: Partial<AppOptions> & { readonly folder?: string } = {},
): Promise<TestApp> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'livestream-app-'));
  const log: string[] = [];
  const read = () => readYaml(yaml, env);
  const first = await read();
  if ('problems' in first) throw new Error(toDiagnosticLines('test.yaml', first.problems).join('\n'));
  const app = await startApp({
    ...first,
    configFile: 'test.yaml',
    readConfig: read,
    isLifecycleEnabled: true,
    storagePath: folder,
    lockTimeoutMs: 0,
    listenAddresses: ['127.0.0.1:0'],
    telemetryPath: '/metrics',
    env: {},
    clock,
    random: () => 0.5,
    nonce: () => `nonce-${nonces++}`,
    signal: new AbortController().signal,
    log: createLog({ level: 'info', format: 'logfmt', write: (line) => log.push(line), now: clock.now }),
    version: '0.0.0-test',
    nodeVersion: 'v24.0.0',
    pid: 1,
    createStorage: createLocalStorage,
    ...options,
  });
  return {
    app,
    log,
    scrape(headers = {}) {
      const [address] = app.addresses;
      return getText(new URL('metrics', address?.url), headers);
    },
    async [Symbol.asyncDispose]() {
      await app.stop();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends a request on a new connection, which ends with the response. */
function getText(url: URL, headers: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}

/** Loads a config and its secrets like the daemon, but from text. */
export async function readYaml(yaml: string, env: Readonly<Record<string, string>>) {
  const loaded = loadConfig(yaml, 'test.yaml');
  if ('problems' in loaded) return loaded;
  const secrets = await readSecrets(loaded.named, env);
  return 'problems' in secrets ? secrets : { config: loaded.config, secrets: secrets.secrets };
}

/** Advances the clock by five seconds and completes the due runs. */
export async function round({ app }: TestApp, clock: ManualClock): Promise<void> {
  for (let half = 0; half < 2; half++) {
    const end = clock.elapsed() + 2500;
    let isDone = false;
    const started = app.start(clock.now()).finally(() => {
      isDone = true;
    });
    // Responses arrive in real time; the rate limiter uses the manual clock.
    await responsesArrived();
    for (; !isDone && clock.elapsed() < end; await responsesArrived()) await clock.advance(50);
    if (isDone) await started;
    await clock.advance(end - clock.elapsed());
  }
}

/**
 * Lets the loops of a running app work for some seconds. Advances in small steps, because requests need iterations of
 * the event loop while the clock stands.
 */
export async function passSeconds(clock: ManualClock, seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 50; step++) {
    await clock.advance(20);
    for (let turn = 0; turn < 6; turn++) await settle();
  }
}
