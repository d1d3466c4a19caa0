import { parseUtc } from './times.ts';

/** Operations that the simulated API serves, with the HTTP methods that they accept. */
export const operations = {
  DescribeLiveStreamsControlHistory: ['GET', 'POST'],
  DescribeLiveCenterStreamRateData: ['GET', 'POST'],
  DescribeLiveStreamsOnlineList: ['GET', 'POST'],
  DescribeLiveDomainMapping: ['GET'],
  DescribeLiveStreamsBlockList: ['GET', 'POST'],
  DescribeLiveDomainFrameRateAndBitRateData: ['GET', 'POST'],
  DescribeLiveStreamPushMetricDetailData: ['GET', 'POST'],
} as const;

export type AlibabaOperation = keyof typeof operations;

export function isOperation(name: string): name is AlibabaOperation {
  return Object.hasOwn(operations, name);
}

/** Request to the simulated Alibaba Cloud API. The type does not depend on the web server (Express). */
export interface AlibabaCall {
  readonly method: string;
  readonly query: URLSearchParams;
  /** Header values, by header name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/**
 * Returns the parameters of the URL query and of a form body, merged into a new object that the caller can
 * change.
 */
export function parametersOf({ query, headers, body }: AlibabaCall): URLSearchParams {
  const isForm = headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
  const form = isForm ? new URLSearchParams(Buffer.from(body).toString()) : [];
  return new URLSearchParams([...query, ...form]);
}

/**
 * Reports whether a request has a V3 signature. The header `x-acs-action` alone is no proof, because the
 * official client also sends it with a V1 signature.
 */
export function isV3(call: AlibabaCall): boolean {
  return (
    call.headers.has('authorization') ||
    (call.headers.has('x-acs-action') && !parametersOf(call).has('Signature'))
  );
}

/** Returns the operation of a request; undefined if the simulator does not serve it. */
export function operationOf(call: AlibabaCall): AlibabaOperation | undefined {
  const name = isV3(call) ? call.headers.get('x-acs-action') : parametersOf(call).get('Action');
  return name !== null && name !== undefined && isOperation(name) ? name : undefined;
}

/**
 * Parameters of a request for control history: the domain, the app name (empty for all applications) and the
 * window (wall clock, epoch ms).
 */
export type HistoryQuery = Exclude<ReturnType<typeof readHistoryQuery>, string>;

/**
 * Returns the parameters of a request for control history, or a failure code if a required parameter is
 * missing or malformed.
 */
export function readHistoryQuery(parameters: URLSearchParams) {
  for (const name of ['DomainName', 'StartTime', 'EndTime'] as const) {
    if (!parameters.get(name)) return `Missing${name}` as const;
  }
  const textOf = (name: string) => parameters.get(name) ?? '';
  const from = parseUtc(textOf('StartTime'));
  if (from === undefined) return 'InvalidStartTime.Malformed';
  const to = parseUtc(textOf('EndTime'));
  if (to === undefined) return 'InvalidEndTime.Malformed';
  // An empty app name selects the actions of all applications.
  return { domain: textOf('DomainName'), appName: textOf('AppName'), from, to };
}

/**
 * Returns the parameters of a request for push rates, or a failure code if a required parameter is missing or
 * malformed. All parameters are required.
 */
export function readRateQuery(parameters: URLSearchParams) {
  for (const name of ['AppName', 'StreamName'] as const) {
    if (!parameters.get(name)) return `Missing${name}` as const;
  }
  const query = readHistoryQuery(parameters);
  return typeof query === 'string' ? query : { ...query, stream: parameters.get('StreamName') ?? '' };
}

/** Maximum number of rows of a page of live streams or of forbidden streams. */
const maxPageSize = 3_000;

/** Parameters of a request for live streams. An empty text selects all. */
export type ListQuery = Exclude<ReturnType<typeof readListQuery>, string>;

/** Returns the parameters of a request for live streams, or a failure code. */
export function readListQuery(parameters: URLSearchParams) {
  const textOf = (name: string) => parameters.get(name) ?? '';
  const query = readPageQuery(parameters);
  if (typeof query === 'string') return query;
  const type = textOf('StreamType') || 'all';
  if (!['all', 'raw', 'trans'].includes(type)) return 'InvalidParameter.Format';
  return { ...query, appName: textOf('AppName'), stream: textOf('StreamName'), type };
}

/** Returns the parameters of a request for a page of a list of a domain, or a failure code. */
export function readPageQuery(parameters: URLSearchParams) {
  const domain = parameters.get('DomainName') ?? '';
  if (domain === '') return 'MissingDomainName';
  const page = Number(parameters.get('PageNum') ?? 1);
  const pageSize = Number(parameters.get('PageSize') ?? 2_000);
  const isPage = Number.isInteger(page) && page >= 1 && Number.isInteger(pageSize) && pageSize >= 1;
  return isPage && pageSize <= maxPageSize ? { domain, page, pageSize } : 'InvalidParameter.Format';
}

/** Returns the parameters of a request for the rates of a domain at one time, or a failure code. */
export function readInstantQuery(parameters: URLSearchParams) {
  const domain = parameters.get('DomainName') ?? '';
  if (domain === '') return 'MissingDomainName';
  const text = parameters.get('QueryTime') ?? '';
  if (text === '') return 'MissingQueryTime';
  const at = parseUtc(text);
  return at === undefined ? 'InvalidQueryTime.Malformed' : { domain, at };
}

/** Returns the parameters of a request for push metrics, or a failure code. */
export function readMetricQuery(parameters: URLSearchParams) {
  const query = readHistoryQuery(parameters);
  if (typeof query === 'string') return query;
  const token = parameters.get('NextPageToken') ?? '';
  if (!/^\d*$/.test(token)) return 'InvalidParameter.Format';
  return { ...query, stream: parameters.get('StreamName') ?? '', offset: Number(token) };
}
