import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Provider of a request. */
export type Provider = 'tencent' | 'alibaba';

/** Response of an intermediary, or a wrong response of the provider. */
export interface CannedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = { 'content-type': 'application/json' };
const html = { 'content-type': 'text/html' };

/** Returns a throttling response of a provider; `form` from 0 to 1 selects the variant. */
export function throttledResponse(provider: Provider, form: number): CannedResponse {
  if (provider === 'tencent') {
    return { status: 200, headers: json, body: fixture('tencent/Get_LivePushStatHistory.code-1202.json') };
  }
  // The pages disagree on the status, and only some responses contain a retry delay.
  const status = form < 0.5 ? 400 : 429;
  const wait = form % 0.5 < 0.25 ? { 'x-acs-retry-after': '700' } : undefined;
  return form < 0.3
    ? {
        status,
        headers: { 'content-type': 'text/xml', ...wait },
        body: fixture('alibaba/error.throttling-api.xml'),
      }
    : { status, headers: { ...json, ...wait }, body: fixture('alibaba/error.throttling-user.json') };
}

const wrong = {
  tencent: [
    'tencent/Get_LivePushStatHistory.unknown-output.json',
    'tencent/Get_LivePushStatHistory.only-bad-rows.json',
    'tencent/Get_LivePushStatHistory.no-code.json',
    'tencent/Get_LivePushStatHistory.message-only.json',
    'tencent/Get_LivePushStatHistory.message-and-null.json',
    // Rows of another time.
    'tencent/Get_LivePushStatHistory.object.json',
    'alibaba/DescribeLiveStreamsControlHistory.list.json',
  ],
  alibaba: [
    'alibaba/DescribeLiveStreamsControlHistory.unknown-list.json',
    'alibaba/DescribeLiveStreamsControlHistory.unknown-wrapper.json',
    'alibaba/DescribeLiveStreamsControlHistory.other-records.json',
    'alibaba/DescribeLiveStreamsControlHistory.only-bad-rows.json',
    'alibaba/DescribeLiveStreamsControlHistory.not-alibaba.json',
    'alibaba/DescribeLiveStreamsControlHistory.message-only.json',
    'alibaba/DescribeLiveStreamsControlHistory.message-and-null.json',
    // Records of another time.
    'alibaba/DescribeLiveStreamsControlHistory.list.json',
    'tencent/Get_LivePushStatHistory.object.json',
  ],
} as const;

/** Returns valid JSON that is not a response to the request: another shape, another time, or another API. */
export function wrongJson(provider: Provider, form: number): CannedResponse {
  const names: readonly string[] = wrong[provider];
  return {
    status: 200,
    headers: json,
    body: fixture(names[Math.floor(form * names.length)] ?? names[0] ?? ''),
  };
}

/** Returns the response of a gateway that cannot reach the provider. */
export function gatewayFault(form: number): CannedResponse {
  const status = [500, 502, 503, 504][Math.floor(form * 4)] ?? 500;
  const wait = status === 503 ? { 'retry-after': '1' } : undefined;
  return { status, headers: { ...html, ...wait }, body: form % 0.25 < 0.12 ? '' : page(`${status}`) };
}

/** Returns an HTML page with status 200, such as a maintenance notice or a captive portal. */
export function htmlPage(form: number): CannedResponse {
  return { status: 200, headers: html, body: page(form < 0.5 ? 'Please log in' : 'We are back soon') };
}

function page(text: string): string {
  return `<!DOCTYPE html><html><head><title>${text}</title></head><body><h1>${text}</h1></body></html>\n`;
}

const cache = new Map<string, string>();

function fixture(name: string): string {
  const text = cache.get(name) ?? readFileSync(join(import.meta.dirname, '..', 'fixtures', name), 'utf8');
  cache.set(name, text);
  return text;
}
