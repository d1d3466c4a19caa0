import { createSlices } from '../model/slices.ts';
import type { Clock } from '../model/time.ts';
import type { AccountInput, ExporterInput } from '../status/inputs.ts';
import { type StreamsContext, type StreamsQuery, toStreamsView } from '../status/stream-view.ts';
import { streamsOf, toOverview, toStatusView } from '../status/view.ts';

/** Maximum time in ms for which reading the state of all targets blocks the event loop before it yields. */
const sliceMs = 2;
/** Converting a stream with its recent samples takes up to 0.1 ms. */
const itemsPerClockRead = 4;

interface ViewsParts extends Pick<StreamsContext, 'points' | 'showClientIp'> {
  readonly exporter: () => ExporterInput;
  readonly accounts: () => Iterable<AccountInput>;
  readonly clock: Clock;
}

/** Creates the functions that return the state of the exporter for the status page and the JSON API. */
export function createViews({ exporter, accounts, clock, points, showClientIp }: ViewsParts) {
  const inSlices = createSlices({ ...clock, sliceMs, itemsPerClockRead });
  const context = (): StreamsContext => ({ now: clock.now(), points, showClientIp, inSlices });
  return {
    overview: (maxStreams: number) => toOverview(exporter(), [...accounts()], maxStreams, context()),
    status: () => toStatusView(exporter(), [...accounts()], clock.now(), inSlices),
    streams: (query: StreamsQuery) => toStreamsView(streamsOf([...accounts()]), query, context()),
  };
}
