import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import type { BitrateUnit } from '../../../src/providers/alibaba/units.ts';
import { body, callOf, never, sourcesOf } from '../../support/alibaba-push.ts';

export const operation = 'DescribeLiveDomainFrameRateAndBitRateData';
export const app = { domain: 'play.example.com', appName: 'live' };

/** Row of the list of live pushes. */
export const row = {
  VideoFrameRate: 25,
  AudioFrameRate: 43,
  BitRate: 316_000,
  StreamUrl: 'rtmp://push.example.com/live/room-1',
};

/** Returns a response with these rows. */
export function rows(...list: readonly unknown[]): HttpResponse {
  return body({ FrameRateAndBitRateInfos: { FrameRateAndBitRateInfo: list } });
}

/** Creates the source of live pushes, whose list has bit rates in `unit`. */
export function sourceOf(http: Http, unit?: BitrateUnit) {
  return sourcesOf(callOf(http), { units: unit === undefined ? {} : { [operation]: unit } }).pushes;
}

/** Returns the live pushes in a response. */
export const answerTo = (response: HttpResponse, unit?: BitrateUnit) =>
  sourceOf(async () => response, unit).listLivePushes(app, never);
