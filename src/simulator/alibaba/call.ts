import { parseUtc } from './times.ts';

export const operation = 'DescribeLiveStreamsControlHistory';

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
