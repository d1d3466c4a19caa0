import { pino } from 'pino';
import { type Fields, toPlainFields, withoutSecrets } from './log/fields.ts';
import type { EpochMs } from './model/time.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ['logfmt', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

/** Writes one event: a fixed sentence, so that lines can be grouped, and the facts as fields. */
export type LogEvent = (message: string, fields?: Fields) => void;

/** `error`: somebody has to act. `warn`: it went wrong and will heal. `info`: started, stopped. `debug`: each run. */
export type Log = Readonly<Record<LogLevel, LogEvent>>;

export interface LogOptions {
  /** Events below it are dropped. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes one event: a line with its line feed. */
  readonly write: (line: string) => void;
  readonly now: () => EpochMs;
}

/** A log of one line per event, whatever is in it, without secrets; a field that holds an Error becomes several. */
export function createLog({ level, format, write, now }: LogOptions): Log {
  const draw = format === 'json' ? withoutInvisible : toLogfmt;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"ts":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => write(draw(line)) },
  );
  const eventAt =
    (at: LogLevel): LogEvent =>
    (message, fields = {}) => {
      if (logger.isLevelEnabled(at))
        logger[at](toPlainFields(fields, at === 'error'), withoutSecrets(message));
    };
  return { debug: eventAt('debug'), info: eventAt('info'), warn: eventAt('warn'), error: eventAt('error') };
}

/** A JSON line as `ts=… level=… msg="…" key=value`, in that order. */
function toLogfmt(jsonLine: string): string {
  // pino wrote the line from plain fields, so it is an object.
  const { ts, level, msg, ...fields } = JSON.parse(jsonLine) as Record<string, unknown>;
  const pairs = Object.entries({ ts, level, msg, ...fields }).map(
    ([key, value]) => `${key.replace(/[^\w.-]/g, '_')}=${toLogfmtValue(value)}`,
  );
  return `${pairs.join(' ')}\n`;
}

function toLogfmtValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=\\\p{C}]+$/u.test(text) ? text : withoutInvisible(JSON.stringify(text));
}

/** JSON leaves characters as they are that end a line, steer a terminal or turn the text round. */
function withoutInvisible(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
