import type { ParseArgsOptionsConfig } from 'node:util';
import { languages, ruleFormats } from '../alerting/rules/rule.ts';
import { logFormats, logLevels } from '../log.ts';
import { minuteMs, secondMs } from '../model/time.ts';
import { parseDuration, parsePercent } from '../text/units.ts';
import { type DoctorFlags, doctorFormats } from './doctor-flags.ts';
import type { parse } from './parse-args.ts';
import type { RulesFlags } from './rules.ts';
import { toWebAddress } from './web-address.ts';

/** Values of parsed flags. */
type Values<T extends ParseArgsOptionsConfig> = ReturnType<typeof parse<T>>['values'];

export const daemonFlags = {
  'web.listen-address': { type: 'string', multiple: true },
  'web.telemetry-path': { type: 'string', default: '/metrics' },
  'web.systemd-socket': { type: 'boolean', default: false },
  'web.config.file': { type: 'string' },
  'web.external-url': { type: 'string' },
  'web.route-prefix': { type: 'string' },
  'web.enable-lifecycle': { type: 'boolean', default: false },
  'storage.path': { type: 'string' },
  'storage.lock-timeout': { type: 'string', default: '0s' },
  'log.level': { type: 'string', default: 'info' },
  'log.format': { type: 'string', default: 'logfmt' },
} as const;

export const doctorFlags = {
  format: { type: 'string', default: 'text' },
  record: { type: 'string' },
  timeout: { type: 'string', default: '10s' },
} as const;

export const rulesFlags = {
  format: { type: 'string', default: 'prometheus' },
  lang: { type: 'string', default: 'en' },
  'runbook-base': { type: 'string' },
  'scrape-interval': { type: 'string', default: '5s' },
  job: { type: 'string', default: 'livestream-exporter' },
  objective: { type: 'string', default: '99%' },
  streams: { type: 'string' },
} as const;

/** Reads the values of the flags of the daemon. Throws an error that names the flag. */
export function toDaemonFlags(values: Values<typeof daemonFlags>, defaultAddress: string) {
  const lockTimeout = values['storage.lock-timeout'];
  const lockTimeoutMs = parseDuration(lockTimeout);
  if (lockTimeoutMs === undefined) {
    throw new Error(`--storage.lock-timeout: expected a duration such as 30s, got "${lockTimeout}"`);
  }
  const isSystemdSocket = values['web.systemd-socket'];
  if (isSystemdSocket && values['web.listen-address'] !== undefined) {
    throw new Error('--web.systemd-socket: remove --web.listen-address, because systemd chooses the address');
  }
  return {
    listenAddresses: values['web.listen-address'] ?? [defaultAddress],
    /** Whether the daemon listens on the sockets of systemd, and not on `listenAddresses`. */
    isSystemdSocket,
    telemetryPath: values['web.telemetry-path'],
    ...toWebAddress(values['web.external-url'], values['web.route-prefix']),
    /** File with TLS settings, users and headers of the HTTP server; undefined if the flag is not set. */
    webConfigFile: values['web.config.file'] || undefined,
    /** Whether `POST /-/reload` is enabled (flag `--web.enable-lifecycle`). */
    isLifecycleEnabled: values['web.enable-lifecycle'],
    /**
     * Directory of the persistent state; undefined if the flag is not set. The default depends on the
     * command: `data` for serve, a temporary directory for demo.
     */
    storagePath: values['storage.path'],
    lockTimeoutMs,
    logLevel: oneOf('log.level', values['log.level'], logLevels),
    logFormat: oneOf('log.format', values['log.format'], logFormats),
  };
}

/** Reads a number of streams; undefined if the flag is not set. */
export function toCount(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,6}$/.test(value)) {
    throw new Error(`--${flag}: expected a number from 1 to 9999999, got "${value}"`);
  }
  return Number(value);
}

/** Reads the values of the flags of `doctor`. Throws an error that names the flag. */
export function toDoctorFlags(values: Values<typeof doctorFlags>): DoctorFlags {
  const requestMs = parseDuration(values.timeout);
  if (requestMs === undefined || requestMs < secondMs || requestMs > minuteMs) {
    throw new Error(`--timeout: expected a duration from 1s to 1m, got "${values.timeout}"`);
  }
  if (values.record === '') throw new Error('--record requires a directory');
  return {
    format: oneOf('format', values.format, doctorFormats),
    recordDirectory: values.record,
    requestMs,
  };
}

/**
 * Smallest objective of the rules. LivestreamPushBudgetBurnFast fires at 14.4 times the share of bad time that the
 * objective allows. With 93 %, this would be more than the whole time, so that the alert could never fire.
 */
const minObjective = 0.94;

/** Reads the values of the flags of `rules`. Throws an error that names the flag. */
export function toRulesFlags(values: Values<typeof rulesFlags>): RulesFlags {
  const scrapeMs = parseDuration(values['scrape-interval']);
  // The shortest ranges of the rules are 5 min: with slower scrapes, they often contain one value only, and so no increase.
  if (scrapeMs === undefined || scrapeMs < secondMs || scrapeMs > 2 * minuteMs) {
    throw new Error(
      `--scrape-interval: expected a duration from 1s to 2m, got "${values['scrape-interval']}"`,
    );
  }
  const objective = parsePercent(values.objective);
  if (objective === undefined || objective < minObjective || objective >= 1) {
    throw new Error(
      `--objective: expected a percentage from 94% to below 100%, such as 99.5%, got "${values.objective}"`,
    );
  }
  const runbookBase = values['runbook-base'];
  if (runbookBase !== undefined && !/^https?:\/\/\S+$/.test(runbookBase)) {
    throw new Error(
      `--runbook-base: expected a URL such as https://wiki.example.com/runbooks/, got "${runbookBase}"`,
    );
  }
  // Such rules would fire all the time, and not while the exporter is down: no target has an empty job.
  if (values.job === '') throw new Error('--job requires the name of a scrape job');
  return {
    format: oneOf('format', values.format, ruleFormats),
    language: oneOf('lang', values.lang, languages),
    runbookBase,
    scrapeMs,
    job: values.job,
    objective,
    streams: toCount('streams', values.streams) ?? 0,
  };
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Error(`--${flag}: expected ${allowed.join(', ')}, got "${value}"`);
  return found;
}
