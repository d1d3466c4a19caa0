import { pino } from 'pino';
import { type Fields, toPlainFields, withoutSecrets } from './log/fields.ts';
import type { EpochMs } from './model/time.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ['logfmt', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

/** Writes one event: a fixed message, by which lines can be grouped, and its values as fields. */
export type LogEvent = (message: string, fields?: Fields) => void;

/** `error`: somebody must act. `warn`: can resolve itself. `info`: lifecycle. `debug`: single runs. */
export type Log = Readonly<Record<LogLevel, LogEvent>>;

export interface LogOptions {
  /** Minimum level: events below it are dropped. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Writes one line, which ends with a line feed. */
  readonly write: (line: string) => void;
  readonly now: () => EpochMs;
}

/** Creates a log that writes each event as exactly one line, with secrets redacted and control characters escaped. */
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

/** Converts a JSON line to `ts=… level=… msg="…" key=value`, in this order. */
function toLogfmt(jsonLine: string): string {
  // pino writes each line as a JSON object.
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

/** Escapes characters that JSON permits and that end a line, control a terminal or reverse the text direction. */
function escapeInvisible(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
