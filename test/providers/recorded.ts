import { readFileSync } from 'node:fs';
import type { Http, HttpRequest, HttpResponse } from '../../src/calls/call.ts';

/** The text of a file in test/fixtures. */
export function fixture(path: string): string {
  return readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8');
}

export function httpAnswer(text: string, part: Partial<HttpResponse> = {}): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, text, ...part };
}

export interface Recorded {
  readonly http: Http;
  /** What was sent, in order. */
  readonly sent: HttpRequest[];
}

/** A provider that gives these answers one after another, and the last one for ever. */
export function recorded(...answers: readonly [HttpResponse, ...HttpResponse[]]): Recorded {
  const sent: HttpRequest[] = [];
  return {
    sent,
    async http(request) {
      const answer = answers[Math.min(sent.length, answers.length - 1)] ?? answers[0];
      sent.push(request);
      return answer;
    },
  };
}
