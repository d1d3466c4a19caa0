import type { Http } from '../../../../src/calls/call.ts';
import { createApi3StreamEvents } from '../../../../src/providers/tencent/api3/stream-events.ts';
import { noon } from '../../../support/samples.ts';
import { callOf } from './api3-source.ts';

export const minute = 60_000;
export const never = new AbortController().signal;
export const domain = { domain: 'push.example.com', appName: undefined, appNames: ['live'] };
export const window = { from: noon - 10 * minute, to: noon };

/** Creates the source of control actions with the transport `http`. */
export function sourceOf(http: Http, countsForbids = true) {
  return createApi3StreamEvents(callOf(http), { now: () => noon, countsForbids });
}
