import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whose API a call is for. */
export type Provider = 'tencent' | 'alibaba';

/** An answer of nobody's API, or not the one that was asked for. */
export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = { 'content-type': 'application/json' };
const html = { 'content-type': 'text/html' };

/** How each provider refuses a call that came too often; `form` from 0 to 1 tells which way. */
export function throttledWords(provider: Provider, form: number): Told {
  if (provider === 'tencent') {
    return { status: 200, headers: json, body: fixture('tencent/Get_LivePushStatHistory.code-1202.json') };
  }
  // Pages differ in the status, and only some answers say how long to wait.
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
    'alibaba/DescribeLiveStreamsControlHistory.list.json',
  ],
  alibaba: [
    'alibaba/DescribeLiveStreamsControlHistory.unknown-list.json',
    'alibaba/DescribeLiveStreamsControlHistory.unknown-wrapper.json',
    'alibaba/DescribeLiveStreamsControlHistory.other-records.json',
    'alibaba/DescribeLiveStreamsControlHistory.only-bad-rows.json',
    'alibaba/DescribeLiveStreamsControlHistory.not-alibaba.json',
    'tencent/Get_LivePushStatHistory.object.json',
  ],
} as const;

/** Valid JSON that is no answer to the question: another shape, or another API's. */
export function wrongJson(provider: Provider, form: number): Told {
  const names: readonly string[] = wrong[provider];
  return {
    status: 200,
    headers: json,
    body: fixture(names[Math.floor(form * names.length)] ?? names[0] ?? ''),
  };
}

/** What a gateway on the way says when it cannot reach the provider. */
export function gatewayFault(form: number): Told {
  const status = [500, 502, 503, 504][Math.floor(form * 4)] ?? 500;
  const wait = status === 503 ? { 'retry-after': '1' } : undefined;
  return { status, headers: { ...html, ...wait }, body: form % 0.25 < 0.12 ? '' : page(`${status}`) };
}

/** A page with status 200, as of a maintenance notice or a login in the way. */
export function htmlPage(form: number): Told {
  return { status: 200, headers: html, body: page(form < 0.5 ? 'Please log in' : 'We are back soon') };
}

function page(text: string): string {
  return `<!DOCTYPE html><html><head><title>${text}</title></head><body><h1>${text}</h1></body></html>\n`;
}

const read = new Map<string, string>();

function fixture(name: string): string {
  const text = read.get(name) ?? readFileSync(join(import.meta.dirname, '..', 'fixtures', name), 'utf8');
  read.set(name, text);
  return text;
}
