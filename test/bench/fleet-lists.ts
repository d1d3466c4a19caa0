import type { HttpRequest } from '../../src/calls/call.ts';
import { dayMs } from '../../src/model/time.ts';

/** Live streams at one moment. */
export interface LiveStreams {
  /** Numbers of the streams, the newest one first: a stream with a larger number began later. */
  readonly numbers: readonly number[];
  /** Number that changes all values. */
  readonly seed: number;
}

/** Lists of one API, as an account requests them. */
export interface FleetLists {
  /** Provider and settings of the account, as lines of the config. */
  readonly account: string;
  /** Domain of the account, as keys of the config. */
  readonly domain: string;
  /** Builds all responses. The result returns the body of the response to a request. */
  answersOf(live: LiveStreams): (request: HttpRequest) => Buffer | undefined;
}

/** Time in the lists at which all pushes began. */
export const beganAt = `${new Date(Date.now() - dayMs).toISOString().slice(0, 19)}Z`;

export const nameOf = (number: number) => `channel-${number}-1080p`;

/** Returns the pages of a list. `toText` builds a page from its rows and the number of rows of the whole list. */
export function pagesOf(
  { numbers }: LiveStreams,
  pageSize: number,
  toRow: (number: number) => object,
  toText: (rows: readonly object[], total: number) => string,
): readonly Buffer[] {
  return Array.from({ length: Math.ceil(numbers.length / pageSize) }, (_, page) => {
    const rows = numbers.slice(page * pageSize, (page + 1) * pageSize).map(toRow);
    return Buffer.from(toText(rows, numbers.length));
  });
}
