import type { EpochMs } from '../../model/time.ts';
import type { Api3Failure } from './errors.ts';

export const operation = 'DescribeStreamPushInfoList';

/** Request to the simulated API 3.0. The type does not depend on the web server (Express). */
export interface Api3Call {
  readonly method: string;
  /** Header values, by header name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** Reports whether a request is for API 3.0, and not for another simulated API with the same path. */
export function isApi3({ headers }: Pick<Api3Call, 'headers'>): boolean {
  return headers.has('x-tc-action') || (headers.get('authorization')?.startsWith('TC3-') ?? false);
}

/**
 * Parameters of a request for push history: the stream, its domain (empty: any), its application, and the window
 * (wall clock, epoch ms).
 */
export interface HistoryQuery {
  readonly stream: string;
  readonly domain: string;
  readonly appName: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

const parameterNames = ['StreamName', 'StartTime', 'EndTime', 'PushDomain', 'AppName'];

/** Parses the parameters of a request for push history, or returns the code of the failure. */
export function readHistoryQuery({ body }: Api3Call): HistoryQuery | Api3Failure {
  const parameters = parseObject(Buffer.from(body).toString());
  if (parameters === undefined) return 'InvalidParameter';
  if (Object.keys(parameters).some((name) => !parameterNames.includes(name))) return 'UnknownParameter';
  const { StreamName, StartTime, EndTime, PushDomain = '', AppName = 'live' } = parameters;
  if (!StreamName || !StartTime || !EndTime) return 'MissingParameter';
  const [from, to] = [parseTime(StartTime), parseTime(EndTime)];
  const isText = [StreamName, PushDomain, AppName].every((value) => typeof value === 'string');
  if (!isText || from === undefined || to === undefined || to < from) return 'InvalidParameterValue';
  return { stream: String(StreamName), domain: String(PushDomain), appName: String(AppName), from, to };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Parses a time in UTC (`2026-03-01T12:00:00Z`) or with a UTC offset; undefined if the text has another format. */
function parseTime(value: unknown): EpochMs | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(value))
    return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}
