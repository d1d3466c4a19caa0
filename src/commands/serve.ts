import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { type App, type AppOptions, listenProblem, startApp } from '../app/app.ts';
import type { LoadedConfig, ReadConfig } from '../app/reloads.ts';
import { openWebSettings } from '../app/web-settings.ts';
import { domainCount } from '../config/config.ts';
import { libraryProblems } from '../config/credential-library.ts';
import { type Loaded, readConfigFile } from '../config/load.ts';
import { loadInWorker } from '../config/load-in-worker.ts';
import { proxyEnvProblems } from '../config/proxy.ts';
import { openFileWarnings, secretFileWarnings } from '../config/secret-permissions.ts';
import { readSecrets } from '../config/secrets.ts';
import { readWebConfigFile } from '../config/web/load.ts';
import { createLog, type Log } from '../log.ts';
import { type Diagnostic, sortDiagnostics, toDiagnosticLines } from '../text/diagnostics.ts';
import { fileStamp } from '../text/text-file.ts';
import { visible } from '../text/visible.ts';
import type { DaemonFlags } from './flags.ts';
import type { Runtime } from './runtime.ts';
import { systemdSockets } from './systemd-sockets.ts';

/**
 * Runs the daemon until `runtime.signal` is aborted. Resolves with the exit code: 0 after a stop, 1 if the
 * start fails, 2 if the config or a flag is invalid.
 */
export async function runServe(
  { configFile, flags }: { readonly configFile: string; readonly flags: DaemonFlags },
  runtime: Runtime,
): Promise<number> {
  const { err, env, signal, clock, onHangup, sizeHeap } = runtime;
  const started = Promise.withResolvers<App>();
  // Register the SIGHUP handler first, because a SIGHUP during the start would otherwise terminate the
  // process. The reload waits for the start.
  onHangup(() => void started.promise.then(({ reload }) => reload()));
  // Loading a large config with a small young generation would take longer.
  sizeHeap(await estimateTargets(configFile));
  // Load the config on the main thread and not in a worker: at startup, the event loop has no other work that
  // loading could delay.
  const file = await readConfigFile(configFile);
  const loaded = await withSecrets(file, env);
  if ('problems' in loaded) {
    const problems = loaded.problems.map((problem) => ({ ...problem, text: problem.text + hint(problem) }));
    for (const line of toDiagnosticLines(configFile, problems)) err(`${line}\n`);
    return 2;
  }
  const readConfig: ReadConfig = async () => {
    try {
      return await withSecrets(await loadInWorker(configFile, { signal, yieldNow: clock.yieldNow }), env);
    } catch (error) {
      if (signal.aborted) return 'stopping';
      throw error;
    }
  };
  const openFiles = (await secretFileWarnings(file.named)).map(({ text }) => text);
  return runApp({ ...loaded, configFile, readConfig, openFiles }, flags, runtime, started.resolve);
}

/**
 * Returns advice about `--config.file` and the demo if the diagnostic concerns the whole config file, for
 * example because the file does not exist; an empty text for all other diagnostics.
 */
function hint({ line, path }: Diagnostic): string {
  if (line !== undefined || path !== '') return '';
  return '; set --config.file=FILE, or run "livestream-exporter demo" (npm run demo), which needs no config';
}

/**
 * Adds the secrets to which a loaded config refers. If the config is invalid, a secret cannot be read, a
 * proxy of the environment is unusable or a credential library is missing, returns all problems instead.
 * Secrets are read on the main thread, because worker threads have no environment variables, and they never
 * leave the main thread.
 */
export async function withSecrets(
  loaded: Loaded,
  env: Runtime['env'],
): Promise<LoadedConfig | { readonly problems: readonly Diagnostic[] }> {
  const read = await readSecrets(loaded.named, env);
  const accounts = 'config' in loaded ? loaded.config.accounts : [];
  const outside = [...proxyEnvProblems(accounts, env), ...libraryProblems(accounts, env)];
  if ('config' in loaded && 'secrets' in read && outside.length === 0) {
    return { config: loaded.config, secrets: read.secrets };
  }
  const found = [loaded, read].flatMap((each) => ('problems' in each ? each.problems : []));
  return { problems: sortDiagnostics([...found, ...outside]) };
}

/**
 * Runs a daemon with the settings in `watched` and `flags` until `runtime.signal` is aborted. Calls
 * `onStarted` when the daemon serves requests. Resolves with the exit code: 0 after a stop, 1 if the start
 * fails, 2 if a flag is invalid.
 */
export async function runApp(
  watched: Pick<AppOptions, 'config' | 'configFile' | 'readConfig' | 'secrets' | 'warnings'> & {
    /** Warnings about secret files that other users can read or change. */
    readonly openFiles?: readonly string[];
  },
  flags: DaemonFlags,
  runtime: Runtime,
  onStarted: (app: App) => void = () => {},
): Promise<number> {
  const { err, version, nodeVersion, pid, clock, signal, sizeHeap } = runtime;
  const passed = flags.isSystemdSocket ? systemdSockets(runtime) : { sockets: undefined };
  const problem = 'problem' in passed ? passed.problem : listenProblem(flags);
  if ('problem' in passed || problem !== undefined) {
    err(`livestream-exporter: ${problem}\n`);
    return 2;
  }
  const log = createLog({ level: flags.logLevel, format: flags.logFormat, write: err, now: clock.now });
  if (!flags.isSystemdSocket && 'sockets' in systemdSockets(runtime)) {
    log.warn('systemd has passed sockets, but the exporter listens on its own; add --web.systemd-socket');
  }
  for (const problem of watched.openFiles ?? []) log.warn(openFile, { problem });
  const web = await readWebSettings(flags.webConfigFile, clock, log);
  if ('problems' in web) {
    for (const line of web.problems) err(`${line}\n`);
    return 2;
  }
  const readConfig: ReadConfig = async () => {
    const read = await watched.readConfig();
    if (read !== 'stopping' && 'config' in read) {
      configured = targetsOf(read);
      setHeap();
    }
    return read;
  };
  let configured = targetsOf(watched);
  let discovered = 0;
  const setHeap = () => sizeHeap(configured + discovered);
  setHeap();
  let app: App;
  try {
    app = await startApp({
      ...runtime,
      ...watched,
      readConfig,
      onDiscovered(streams) {
        if (streams === discovered) return;
        discovered = streams;
        setHeap();
      },
      ...flags,
      listenAddresses: passed.sockets ?? flags.listenAddresses,
      storagePath: flags.storagePath ?? 'data',
      web: web.settings,
      log,
    });
  } catch (error) {
    // A start that waits for the lock of the state fails if the process is asked to stop. This is a normal
    // stop, so return 0.
    if (signal.aborted) return 0;
    err(`livestream-exporter: ${visible(error instanceof Error ? error.message : String(error))}\n`);
    return 1;
  }
  app.run();
  const { config } = watched;
  const targets = { streams: config.pushTargets.length, domains: domainCount(config) };
  log.info('started', { version, node: nodeVersion, pid, ...targets });
  onStarted(app);
  if (!signal.aborted) await once(signal, 'abort');
  log.info('stopping');
  await app.stop();
  log.info('stopped');
  return 0;
}

const openFile = 'secret file is not protected';

/** Loads the settings of `--web.config.file`, which are undefined without this flag. */
async function readWebSettings(
  file: string | undefined,
  { elapsed }: Pick<Runtime['clock'], 'elapsed'>,
  log: Log,
): Promise<{ readonly settings: AppOptions['web'] } | { readonly problems: readonly string[] }> {
  if (file === undefined) return { settings: undefined };
  const load = async (path: string) => {
    const loaded = await readWebConfigFile(path);
    const secretFiles = 'config' in loaded ? loaded.config.secretFiles : [];
    for (const problem of await openFileWarnings(secretFiles)) log.warn(openFile, { problem });
    return loaded;
  };
  const opened = await openWebSettings({ file, load, stampOf: fileStamp, elapsed, log });
  if ('problems' in opened) return { problems: toDiagnosticLines(file, opened.problems) };
  const { tls, users } = opened.settings.current();
  // A field with `auth` in its name would be redacted.
  log.info('web config loaded', { file, client_certificate: tls?.clientAuth, users: users.size });
  // For example, a template without its values leaves an empty mapping.
  if (tls === undefined && users.size === 0) {
    log.warn('the web config has neither TLS nor users: everybody who reaches the port can read', { file });
  }
  return opened;
}

/** Typical size in bytes of a target (a stream or domain) in a large config file. */
const bytesPerTarget = 100;

/** Estimates the number of targets in a config file that was not read yet; 0 if it cannot be accessed. */
async function estimateTargets(configFile: string): Promise<number> {
  const size = await stat(configFile).then(
    (stats) => stats.size,
    // The reader of the file reports the problem.
    () => 0,
  );
  return size / bytesPerTarget;
}

/** Returns the number of targets (streams and domains) in the config. */
function targetsOf({ config }: Pick<LoadedConfig, 'config'>): number {
  return config.pushTargets.length + config.controlTargets.length;
}
