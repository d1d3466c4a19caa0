import type { EpochMs } from '../../model/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Api3Failure } from './errors.ts';

/** Operations that the simulated API serves. */
export const operations = [
  'DescribeStreamPushInfoList',
  'DescribeLiveStreamOnlineList',
  'DescribeLiveStreamPushInfoList',
  'DescribeLiveStreamEventList',
  'DescribeLiveForbidStreamList',
  'DescribeLiveStreamState',
] as const;

export type Api3Operation = (typeof operations)[number];

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

/** Returns the operation of a request; undefined if the simulator does not serve it. */
export function operationOf({ headers }: Pick<Api3Call, 'headers'>): Api3Operation | undefined {
  return operations.find((operation) => operation === headers.get('x-tc-action'));
}

/**
 * Parameters of a request for push history: the stream, its domain (empty: any), its application, and the
 * window (wall clock, epoch ms).
 */
export interface HistoryQuery {
  readonly stream: string;
  readonly domain: string;
  readonly appName: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Parses the parameters of a request for push history, or returns the code of the failure. */
export function readHistoryQuery(call: Api3Call): HistoryQuery | Api3Failure {
  const parameters = readParameters(call, ['StreamName', 'StartTime', 'EndTime', 'PushDomain', 'AppName']);
  if (typeof parameters === 'string') return parameters;
  const { StreamName, StartTime, EndTime, PushDomain = '', AppName = 'live' } = parameters;
  if (!StreamName || !StartTime || !EndTime) return 'MissingParameter';
  const [from, to] = [parseTime(StartTime), parseTime(EndTime)];
  const isText = [StreamName, PushDomain, AppName].every((value) => typeof value === 'string');
  if (!isText || from === undefined || to === undefined || to < from) return 'InvalidParameterValue';
  return { stream: String(StreamName), domain: String(PushDomain), appName: String(AppName), from, to };
}

/**
 * Parameters of a request for live streams: the domain and the stream (empty: any), the application, and the
 * page, which starts at 1.
 */
export interface ListQuery {
  readonly domain: string;
  readonly appName: string;
  readonly stream: string;
  readonly page: number;
  readonly pageSize: number;
}

/** Maximum number of rows of a page, by site. The minimum and the default are 10. */
const maxPageSizes = { china: 300_000, international: 100 } as const;

/** Parses the parameters of a request for live streams, or returns the code of the failure. */
export function readListQuery(
  call: Api3Call,
  { site }: Pick<Scenario['account'], 'site'>,
): ListQuery | Api3Failure {
  const parameters = readParameters(call, ['DomainName', 'AppName', 'StreamName', 'PageNum', 'PageSize']);
  if (typeof parameters === 'string') return parameters;
  const { DomainName = '', AppName = 'live', StreamName = '', PageNum = 1, PageSize = 10 } = parameters;
  const isText = [DomainName, AppName, StreamName].every((value) => typeof value === 'string');
  const isPage = isInteger(PageNum, 1, Infinity) && isInteger(PageSize, 10, maxPageSizes[site]);
  if (!isText || !isPage) return 'InvalidParameterValue';
  return {
    domain: String(DomainName),
    appName: String(AppName),
    stream: String(StreamName),
    page: Number(PageNum),
    pageSize: Number(PageSize),
  };
}

/** Maximum number of rows of a page of DescribeLiveStreamPushInfoList, by site. The default is 200. */
const maxPushPageSizes = { china: 100_000, international: 1_000 } as const;

/** Parses the parameters of a request for live pushes, or returns the code of the failure. */
export function readPushListQuery(
  call: Api3Call,
  { site }: Pick<Scenario['account'], 'site'>,
): ListQuery | Api3Failure {
  const parameters = readParameters(call, ['PushDomain', 'AppName', 'PageNum', 'PageSize']);
  if (typeof parameters === 'string') return parameters;
  const { PushDomain = '', AppName = 'live', PageNum = 1, PageSize = 200 } = parameters;
  const isText = [PushDomain, AppName].every((value) => typeof value === 'string');
  const isPage = isInteger(PageNum, 1, 10_000) && isInteger(PageSize, 1, maxPushPageSizes[site]);
  if (!isText || !isPage) return 'InvalidParameterValue';
  return {
    domain: String(PushDomain),
    appName: String(AppName),
    stream: '',
    page: Number(PageNum),
    pageSize: Number(PageSize),
  };
}

/** Reports whether a parameter is a whole number from `min` to `max`. */
export function isInteger(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
}

/**
 * Returns the parameters of a request, or the code of the failure if it has a parameter that is not in
 * `names`.
 */
export function readParameters({ body }: Api3Call, names: readonly string[]) {
  const parameters = parseObject(Buffer.from(body).toString());
  if (parameters === undefined) return 'InvalidParameter';
  return Object.keys(parameters).every((name) => names.includes(name)) ? parameters : 'UnknownParameter';
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Parses a time in UTC (`2026-03-01T12:00:00Z`) or with a UTC offset; undefined if the text has another
 * format.
 */
export function parseTime(value: unknown): EpochMs | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(value))
    return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}
