import type { ParseArgsOptionsConfig } from 'node:util';
import type { LogFormat } from '../log.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { visible } from '../text/visible.ts';
import type { DoctorFlags } from './doctor-flags.ts';
import {
  daemonFlags,
  doctorFlags,
  rulesFlags,
  toCount,
  toDaemonFlags,
  toDoctorFlags,
  toRulesFlags,
} from './flag-values.ts';
import { parse } from './parse-args.ts';
import type { RulesFlags } from './rules.ts';

/**
 * Settings of the daemon (the commands serve and demo) that come from command-line flags. All other settings
 * come from the config file.
 */
export type DaemonFlags = Readonly<ReturnType<typeof toDaemonFlags>>;

/** Parsed command line: the command and its settings. */
export type Invocation =
  | { readonly command: 'serve'; readonly configFile: string; readonly flags: DaemonFlags }
  | { readonly command: 'demo'; readonly scenarioFile: string | undefined; readonly flags: DaemonFlags }
  | { readonly command: 'simulate'; readonly scenarioFile: string; readonly listenAddress: string }
  | {
      readonly command: 'check-config';
      /** undefined: only the web config is checked. */
      readonly configFile: string | undefined;
      readonly webConfigFile: string | undefined;
    }
  | { readonly command: 'plan'; readonly configFile: string; readonly streams: number | undefined }
  | { readonly command: 'doctor'; readonly configFile: string; readonly doctor: DoctorFlags }
  | { readonly command: 'rules'; readonly configFile: string; readonly rules: RulesFlags }
  | { readonly command: 'config-schema' | 'version' | 'help' }
  /** Invalid command line. `problem` is the reason, as text for an error message. */
  | { readonly command: 'unusable'; readonly problem: string };

const serveFlags = {
  'config.file': { type: 'string', default: 'livestream-exporter.yaml' },
  ...daemonFlags,
} as const;
const demoFlags = { scenario: { type: 'string' }, ...daemonFlags } as const;
const simulateFlags = {
  scenario: { type: 'string' },
  'listen-address': { type: 'string', default: '127.0.0.1:0' },
} as const;

const checkConfigFlags = { 'web.config.file': { type: 'string' } } as const;

const planFlags = { streams: { type: 'string' } } as const;

const commandNames = [
  'serve',
  'demo',
  'simulate',
  'check-config',
  'plan',
  'doctor',
  'rules',
  'config-schema',
] as const;

/**
 * Parses the arguments that follow the name of `command`. If an argument is invalid, throws an error whose
 * message explains the problem.
 */
function parseCommand(command: (typeof commandNames)[number], args: readonly string[]): Invocation {
  switch (command) {
    case 'serve': {
      const values = parseFlags(command, args, serveFlags);
      return { command, configFile: values['config.file'], flags: toDaemonFlags(values, ':10935') };
    }
    case 'demo': {
      const values = parseFlags(command, args, demoFlags);
      const flags = toDaemonFlags(values, '127.0.0.1:10935');
      return { command, scenarioFile: values.scenario, flags };
    }
    case 'simulate': {
      const { scenario, 'listen-address': listenAddress } = parseFlags(command, args, simulateFlags);
      if (scenario === undefined) throw new Error('simulate requires --scenario=FILE');
      return { command, scenarioFile: scenario, listenAddress };
    }
    case 'check-config': {
      const { values, positionals } = parse(args, checkConfigFlags);
      const webConfigFile = values['web.config.file'];
      if (webConfigFile === '') throw new Error('--web.config.file requires a FILE');
      const isWebOnly = webConfigFile !== undefined && positionals.length === 0;
      return {
        command,
        configFile: isWebOnly ? undefined : theFile(command, positionals),
        webConfigFile,
      };
    }
    case 'plan': {
      const { values, positionals } = parse(args, planFlags);
      return {
        command,
        configFile: theFile(command, positionals),
        streams: toCount('streams', values.streams),
      };
    }
    case 'doctor': {
      const { values, positionals } = parse(args, doctorFlags);
      return { command, configFile: theFile(command, positionals), doctor: toDoctorFlags(values) };
    }
    case 'rules': {
      const { values, positionals } = parse(args, rulesFlags);
      return { command, configFile: theFile(command, positionals), rules: toRulesFlags(values) };
    }
    case 'config-schema':
      parseFlags(command, args, {});
      return { command };
    default:
      return command satisfies never;
  }
}

/** Returns the format of the log lines of a command. */
export function logFormatOf(invocation: Invocation): LogFormat {
  return 'flags' in invocation ? invocation.flags.logFormat : 'logfmt';
}

export const usage = `livestream-exporter: Prometheus exporter for live-stream ingest; counts every sample exactly once

Usage: livestream-exporter [COMMAND] [FLAGS]

  serve                                      run the exporter (default command)
    --config.file=livestream-exporter.yaml   config file
    --web.listen-address=:10935              address to listen on; repeatable
    --web.systemd-socket                     listen on the sockets that systemd passes, instead of an address
    --web.telemetry-path=/metrics            path of the metrics, below the route prefix
    --web.config.file=FILE                   TLS, users and headers of the HTTP server, in the format of exporter-toolkit
    --web.external-url=URL                   URL under which clients reach the exporter, such as that of a reverse proxy
    --web.route-prefix=PATH                  path below which all endpoints are; by default that of the external URL
    --web.enable-lifecycle                   enable POST /-/reload; it reloads the config, as SIGHUP does
    --storage.path=data                      directory of the persistent state
    --storage.lock-timeout=0s                maximum wait while another process uses the state
    --log.level=info                         debug, info, warn or error
    --log.format=logfmt                      logfmt or json
  demo                                       run the exporter with a built-in simulator; needs no account and no config
    --scenario=FILE                          scenario to play instead of the bundled scenario
    --web.listen-address=127.0.0.1:10935     address to listen on; the other flags of serve also apply
  simulate                                   run only the simulator; print an exporter config for it
    --scenario=FILE                          scenario to play (required)
    --listen-address=127.0.0.1:0             address to listen on; port 0 selects a free port
  check-config FILE                          validate a config; report all problems with line and column
    --web.config.file=FILE                   validate also this web config, or without the other FILE only this one
  plan FILE                                  print request rates and polling intervals; send no request
    --streams=N                              assumed number of discovered streams per account, instead of 200 and 5000
  doctor FILE                                send one request per account and operation; print what is wrong and the remedy
    --format=text                            text or json
    --record=DIR                             save the answers in DIR, without names, addresses and secrets
    --timeout=10s                            maximum duration of one request
  rules FILE                                 print the alert rules for a config
    --format=prometheus                      prometheus or prometheusrule (resource of the Prometheus operator)
    --lang=en                                language of the annotations: en or zh
    --runbook-base=URL                       URL below which the runbooks are, for runbook_url
    --scrape-interval=5s                     scrape interval of the exporter's job in Prometheus
    --job=livestream-exporter                name of this job
    --objective=99%                          part of the time for which a stream must be good
    --streams=N                              assumed number of discovered streams per account
  config-schema                              print the JSON Schema of the config, for editors

  --help, -h                                 print this help
  --version                                  print the version
`;

/**
 * Maximum length of an argument in characters. parseArgs takes quadratic time for many short flags in one argument:
 * seconds for 50,000 characters.
 */
const maxArgumentLength = 8_192;

/** Parses the command line. `argv` contains the arguments that follow the name of the program. */
export function parseInvocation(argv: readonly string[]): Invocation {
  const [first = ''] = argv;
  if (argv.includes('--help') || argv.includes('-h') || first === 'help') return { command: 'help' };
  if (argv.includes('--version') || first === 'version') return { command: 'version' };
  const long = argv.findIndex((argument) => argument.length > maxArgumentLength);
  if (long !== -1) {
    const problem = `argument ${long + 1} is longer than ${maxArgumentLength} characters`;
    return { command: 'unusable', problem };
  }
  const name = first.startsWith('-') || first === '' ? 'serve' : first;
  const command = commandNames.find((each) => each === name);
  if (command === undefined) {
    const isFile = /\.(?:ya?ml|json)$/.test(name);
    const similar = isFile ? `; did you mean "--config.file=${name}"?` : didYouMean(name, commandNames);
    const hint = `${similar} (commands: ${commandNames.join(', ')})`;
    return { command: 'unusable', problem: visible(`unknown command "${name}"${hint}`) };
  }
  try {
    return parseCommand(command, argv.slice(name === first ? 1 : 0));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Keep only the first sentence of a parseArgs error, which names the problem. The other sentences explain
    // quoting rules of parseArgs that do not help here.
    const isOfParseArgs = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    return {
      command: 'unusable',
      problem: visible(error.message.replace(isOfParseArgs ? /\. .*/s : '', '')),
    };
  }
}

function parseFlags<T extends ParseArgsOptionsConfig>(command: string, args: readonly string[], options: T) {
  const { values, positionals } = parse(args, options);
  if (positionals.length > 0) {
    throw new Error(`${command} takes no positional arguments, got "${positionals.join(' ')}"`);
  }
  return values;
}

function theFile(command: string, positionals: readonly string[]): string {
  const [file] = positionals;
  if (file === undefined) throw new Error(`${command} requires a FILE`);
  if (positionals.length > 1) throw new Error(`${command} takes one FILE, got "${positionals.join(' ')}"`);
  return file;
}
