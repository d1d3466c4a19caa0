import { readFileSync } from 'node:fs';
import type { Http, HttpRequest, HttpResponse } from '../../src/calls/call.ts';

/** Reads a file in test/fixtures. */
export function fixture(path: string): string {
  return readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8');
}

export function httpResponse(text: string, part: Partial<HttpResponse> = {}): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, text, ...part };
}

/** Response that the command `doctor --record` has saved, with its request. */
export interface SavedExchange {
  readonly provider: string;
  readonly operation: string;
  readonly query: Readonly<Record<string, string | number>>;
  readonly response: HttpResponse;
}

/** Reads the text of a file that `doctor --record` has saved. */
export function savedExchange(text: string): SavedExchange {
  const { provider, operation, query, response } = JSON.parse(text);
  return { provider, operation, query, response };
}

export interface Recorded {
  readonly http: Http;
  /** All requests, in order. */
  readonly sent: HttpRequest[];
}

/** Creates a fake transport that returns these responses in order, and then repeats the last one. */
export function recorded(...responses: readonly [HttpResponse, ...HttpResponse[]]): Recorded {
  const sent: HttpRequest[] = [];
  return {
    sent,
    async http(request) {
      const response = responses[Math.min(sent.length, responses.length - 1)] ?? responses[0];
      sent.push(request);
      return response;
    },
  };
}
