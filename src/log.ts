import { pino } from 'pino';
import { type Fields, toPlainFields, withoutSecrets } from './log/fields.ts';
import type { EpochMs } from './model/time.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ['logfmt', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

/**
 * Function that writes one log event. The message is fixed, so that readers can group log lines by it; the
 * values of the event are fields.
 */
export type LogEvent = (message: string, fields?: Fields) => void;

/**
 * Log with one function per level. `error`: somebody must act. `warn`: the problem can resolve itself.
 * `info`: start, stop and reload. `debug`: each run of a target.
 */
export type Log = Readonly<Record<LogLevel, LogEvent>>;

export interface LogOptions {
  /** Lowest level that is written. Events of lower levels are dropped. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Writes one complete line to the output. The line ends with a line feed. */
  readonly write: (line: string) => void;
  /** Returns the wall clock time in epoch ms, for the `ts` field of each line. */
  readonly now: () => EpochMs;
}

/**
 * Creates a log that writes each event as exactly one line. The log redacts secrets and escapes control
 * characters.
 */
export function createLog({ level, format, write, now }: LogOptions): Log {
  const render = format === 'json' ? escapeInvisible : toLogfmt;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"ts":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => write(render(line)) },
  );
  const eventAt =
    (at: LogLevel): LogEvent =>
    (message, fields = {}) => {
      if (logger.isLevelEnabled(at))
        logger[at](toPlainFields(fields, at === 'error'), withoutSecrets(message));
    };
  return { debug: eventAt('debug'), info: eventAt('info'), warn: eventAt('warn'), error: eventAt('error') };
}

/** Converts a JSON line to a logfmt line: `ts=… level=… msg="…"`, then the other fields as `key=value`. */
function toLogfmt(jsonLine: string): string {
  // The cast is safe: pino writes each line as a JSON object.
  const { ts, level, msg, ...fields } = JSON.parse(jsonLine) as Record<string, unknown>;
  const pairs = Object.entries({ ts, level, msg, ...fields }).map(
    ([key, value]) => `${key.replace(/[^\w.-]/g, '_')}=${toLogfmtValue(value)}`,
  );
  return `${pairs.join(' ')}\n`;
}

function toLogfmtValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=\\\p{C}]+$/u.test(text) ? text : escapeInvisible(JSON.stringify(text));
}

/**
 * Escapes characters that JSON permits in a string but that would end a line, control a terminal or reverse
 * the text direction.
 */
function escapeInvisible(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
