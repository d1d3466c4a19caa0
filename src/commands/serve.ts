import { type App, type AppOptions, listenProblem, startApp } from '../app/app.ts';
import type { LoadedConfig, ReadConfig } from '../app/reloads.ts';
import { type Loaded, readConfigFile } from '../config/load.ts';
import { loadInWorker } from '../config/load-in-worker.ts';
import { readSecrets } from '../config/secrets.ts';
import { createLog } from '../log.ts';
import type { Diagnostic } from '../text/diagnostics.ts';
import { sortDiagnostics, toDiagnosticLines } from '../text/diagnostics.ts';
import type { DaemonFlags } from './flags.ts';
import type { Runtime } from './runtime.ts';

/** The daemon, until the signal is aborted. Resolves with the exit code. */
export async function runServe(
  { configFile, flags }: { readonly configFile: string; readonly flags: DaemonFlags },
  runtime: Runtime,
): Promise<number> {
  const { err, env } = runtime;
  // At the start nobody waits who could be held up.
  const loaded = await withSecrets(await readConfigFile(configFile), env);
  if ('problems' in loaded) {
    const problems = loaded.problems.map((problem) => ({
      ...problem,
      text: `${problem.text}${hint(problem)}`,
    }));
    for (const line of toDiagnosticLines(configFile, problems)) err(`${line}\n`);
    return 2;
  }
  const readConfig: ReadConfig = async () => {
    try {
      return await withSecrets(
        await loadInWorker(configFile, { signal: runtime.signal, yieldNow: runtime.clock.yieldNow }),
        env,
      );
    } catch (error) {
      if (runtime.signal.aborted) return 'stopping';
      throw error;
    }
  };
  return runApp({ ...loaded, configFile, readConfig }, flags, runtime);
}

/** Who has no config yet wants to know how to name one, and that there is a way without. */
function hint({ line, path }: Diagnostic): string {
  if (line !== undefined || path !== '') return '';
  return '; name a config with --config.file=FILE, or run "livestream-exporter demo" (npm run demo), which needs none';
}

/** The secrets are read here, where the environment is, and never leave this thread. */
async function withSecrets(
  loaded: Loaded,
  env: Runtime['env'],
): Promise<LoadedConfig | { readonly problems: readonly Diagnostic[] }> {
  const read = await readSecrets(loaded.named, env);
  const missing = 'problems' in read ? read.problems : [];
  if ('problems' in loaded) return { problems: sortDiagnostics([...loaded.problems, ...missing]) };
  if ('problems' in read) return { problems: sortDiagnostics(missing) };
  return { config: loaded.config, secrets: read.secrets };
}

/** Runs a daemon with these settings until the signal is aborted; `onStarted` is told once it serves. */
export async function runApp(
  watched: Pick<AppOptions, 'config' | 'configFile' | 'readConfig' | 'secrets' | 'warnings'>,
  flags: DaemonFlags,
  runtime: Runtime,
  onStarted: (app: App) => void = () => {},
): Promise<number> {
  const { err, version, nodeVersion, pid, clock, signal, onHangup } = runtime;
  const problem = listenProblem(flags);
  if (problem !== undefined) {
    err(`livestream-exporter: ${problem}\n`);
    return 2;
  }
  const log = createLog({ level: flags.logLevel, format: flags.logFormat, write: err, now: clock.now });
  const started = Promise.withResolvers<App>();
  // Before anything is begun: a SIGHUP that nobody waits for ends the program.
  onHangup(() => void started.promise.then(({ reload }) => reload()));
  let app: App;
  try {
    app = await startApp({
      ...runtime,
      ...watched,
      storagePath: flags.storagePath ?? 'data',
      lockTimeoutMs: flags.lockTimeoutMs,
      listenAddresses: flags.listenAddresses,
      telemetryPath: flags.telemetryPath,
      isLifecycleEnabled: flags.isLifecycleEnabled,
      log,
    });
  } catch (error) {
    // Told to stop while it waited for the state: that is no failure.
    if (signal.aborted) return 0;
    err(`livestream-exporter: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  app.run();
  started.resolve(app);
  const { pushTargets, controlTargets } = watched.config;
  log.info('started', {
    version,
    node: nodeVersion,
    pid,
    streams: pushTargets.length,
    domains: controlTargets.length,
  });
  onStarted(app);
  await aborted(signal);
  log.info('stopping');
  await app.stop();
  log.info('stopped');
  return 0;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
