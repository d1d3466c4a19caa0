import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { type LogFormat, type LogLevel, logFormats, logLevels } from '../log.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { parseDuration } from '../text/units.ts';

/** What the daemon is told by flags; the rest stands in its config. */
export interface DaemonFlags {
  readonly listenAddresses: readonly string[];
  readonly telemetryPath: string;
  /** The config may be reloaded over HTTP. */
  readonly isLifecycleEnabled: boolean;
  /** undefined: where the command keeps it by default. */
  readonly storagePath: string | undefined;
  readonly lockTimeoutMs: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** One command line, read. */
export type Invocation =
  | { readonly command: 'serve'; readonly configFile: string; readonly flags: DaemonFlags }
  | { readonly command: 'demo'; readonly scenarioFile: string | undefined; readonly flags: DaemonFlags }
  | { readonly command: 'simulate'; readonly scenarioFile: string; readonly listenAddress: string }
  | { readonly command: 'check-config' | 'plan'; readonly configFile: string }
  | { readonly command: 'config-schema' }
  | { readonly command: 'version' }
  | { readonly command: 'help' }
  /** A command line that can't be used, and what to do about it. */
  | { readonly command: 'unusable'; readonly problem: string };

const log = { 'log.level': { type: 'string' }, 'log.format': { type: 'string' } } as const;
const daemon = {
  'web.listen-address': { type: 'string', multiple: true },
  'web.telemetry-path': { type: 'string' },
  'web.enable-lifecycle': { type: 'boolean' },
  'storage.path': { type: 'string' },
  'storage.lock-timeout': { type: 'string' },
  ...log,
} as const;

/** The flags and the positional arguments of each command. */
const commands = {
  serve: { options: { 'config.file': { type: 'string' }, ...daemon }, takes: [] },
  demo: { options: { scenario: { type: 'string' }, ...daemon }, takes: [] },
  simulate: { options: { scenario: { type: 'string' }, 'listen-address': { type: 'string' } }, takes: [] },
  'check-config': { options: {}, takes: ['FILE'] },
  plan: { options: {}, takes: ['FILE'] },
  'config-schema': { options: {}, takes: [] },
} as const satisfies Record<string, { options: ParseArgsOptionsConfig; takes: readonly string[] }>;

type Command = keyof typeof commands;

/** A text, for a repeatable flag a list of texts, for a switch true. */
type FlagValues = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

export const usage = `livestream-exporter: Prometheus metrics of live-stream ingest, every sample counted once

  livestream-exporter [serve]                the daemon
    --config.file=livestream-exporter.yaml   what to watch
    --web.listen-address=:10935              may be given several times
    --web.telemetry-path=/metrics
    --web.enable-lifecycle                   POST /-/reload reads the config again, as SIGHUP does
    --storage.path=data                      where totals are kept through a restart
    --storage.lock-timeout=0s                how long to wait for another daemon to let go of them
    --log.level=info                         debug, info, warn or error
    --log.format=logfmt                      logfmt or json
  livestream-exporter demo                   the daemon on a built-in simulator: no account, no config
    --scenario=FILE                          another story than the bundled one
    --web.listen-address=127.0.0.1:10935     the daemon's other flags too
  livestream-exporter simulate               only the simulator
    --scenario=FILE                          what it plays
    --listen-address=127.0.0.1:0
  livestream-exporter check-config FILE      every problem in a config, with its place
  livestream-exporter plan FILE              what a config will cost, against its budgets, before anything is sent
  livestream-exporter config-schema          JSON Schema of the config, for editors
  livestream-exporter --version | --help
`;

/** Reads the arguments after the program's name. */
export function parseInvocation(argv: readonly string[]): Invocation {
  const [first = ''] = argv;
  if (argv.includes('--help') || argv.includes('-h') || first === 'help') return { command: 'help' };
  if (argv.includes('--version') || first === 'version') return { command: 'version' };
  const name = first.startsWith('-') || first === '' ? 'serve' : first;
  if (!isCommand(name)) {
    return unusable(`there is no command "${name}"; the commands are ${Object.keys(commands).join(', ')}`);
  }
  try {
    return toInvocation(name, argv.slice(name === first ? 1 : 0));
  } catch (error) {
    // parseArgs says what it did not like in its first sentence; the rest is about its own quoting rules.
    return unusable(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

function isCommand(name: string): name is Command {
  return Object.hasOwn(commands, name);
}

function toInvocation(command: Command, args: readonly string[]): Invocation {
  const { options, takes } = commands[command];
  const unknown = unknownFlag(args, options);
  if (unknown !== undefined) throw new Error(unknown);
  const parsed = parseArgs({
    args: [...args],
    options: { ...options },
    allowPositionals: true,
    strict: true,
  });
  // Each value is as the tables above say.
  const values = parsed.values as FlagValues;
  const text = (flag: string) => (typeof values[flag] === 'string' ? values[flag] : undefined);
  const { positionals } = parsed;
  if (positionals.length !== takes.length) {
    if (positionals.length < takes.length) throw new Error(`${command} needs a ${takes.join(' ')}`);
    const expected = takes.length === 0 ? 'no arguments but flags' : `one ${takes.join(' ')}`;
    throw new Error(`${command} takes ${expected}, not "${positionals.join(' ')}"`);
  }
  switch (command) {
    case 'serve':
      return {
        command,
        configFile: text('config.file') ?? 'livestream-exporter.yaml',
        flags: toDaemonFlags(values, ':10935'),
      };
    case 'demo':
      return { command, scenarioFile: text('scenario'), flags: toDaemonFlags(values, '127.0.0.1:10935') };
    case 'simulate': {
      const scenarioFile = text('scenario');
      if (scenarioFile === undefined) throw new Error('simulate needs --scenario=FILE');
      return { command, scenarioFile, listenAddress: text('listen-address') ?? '127.0.0.1:0' };
    }
    case 'check-config':
    case 'plan':
      return { command, configFile: positionals[0] ?? '' };
    case 'config-schema':
      return { command };
    default:
      return command satisfies never;
  }
}

/** What is wrong with the first flag that there is not; parseArgs would take `-config.file` for -c and suggest nothing. */
function unknownFlag(args: readonly string[], options: ParseArgsOptionsConfig): string | undefined {
  let isValue = false;
  for (const arg of args) {
    if (arg === '--') return undefined;
    const [, hyphens = '', name = '', value] = /^(--?)([^=]+)(=.*)?$/s.exec(arg) ?? [];
    if (!isValue && hyphens !== '') {
      if (!Object.hasOwn(options, name)) {
        const known = Object.keys(options).map((flag) => `--${flag}`);
        return `there is no flag ${hyphens}${name}${didYouMean(`--${name}`, known)}`;
      }
      if (hyphens === '-') return `flags begin with two hyphens: --${name}, not -${name}`;
    }
    isValue = !isValue && hyphens === '--' && value === undefined && options[name]?.type === 'string';
  }
  return undefined;
}

function toDaemonFlags(values: FlagValues, listenAddress: string): DaemonFlags {
  const text = (flag: string, otherwise: string) => {
    const value = values[flag];
    return typeof value === 'string' ? value : otherwise;
  };
  const addresses = values['web.listen-address'];
  const lockTimeout = text('storage.lock-timeout', '0s');
  const lockTimeoutMs = parseDuration(lockTimeout);
  if (lockTimeoutMs === undefined) {
    throw new Error(`--storage.lock-timeout: expected a duration such as 30s, not "${lockTimeout}"`);
  }
  const storagePath = values['storage.path'];
  return {
    listenAddresses: Array.isArray(addresses) ? addresses : [listenAddress],
    telemetryPath: text('web.telemetry-path', '/metrics'),
    isLifecycleEnabled: values['web.enable-lifecycle'] === true,
    storagePath: typeof storagePath === 'string' ? storagePath : undefined,
    lockTimeoutMs,
    logLevel: oneOf('log.level', text('log.level', 'info'), logLevels),
    logFormat: oneOf('log.format', text('log.format', 'logfmt'), logFormats),
  };
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Error(`--${flag}: expected ${allowed.join(', ')}, not "${value}"`);
  return found;
}

function unusable(problem: string): Invocation {
  return { command: 'unusable', problem };
}
