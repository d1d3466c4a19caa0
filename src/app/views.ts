import { createSlices } from '../model/slices.ts';
import type { Clock } from '../model/time.ts';
import { createControlLedgers } from '../status/forbidden.ts';
import type { AccountInput, ExporterInput } from '../status/inputs.ts';
import { type OverviewQuery, toOverview } from '../status/overview.ts';
import { type DetailContext, toStreamDetail } from '../status/stream-detail.ts';
import { type StreamsQuery, toStreamsView } from '../status/streams-view.ts';
import { type StatusContext, streamsOf, toStatusView } from '../status/view.ts';

/** Maximum time in ms for which reading the state of all targets blocks the event loop before it yields. */
const sliceMs = 2;
/** Converting a stream with its recent samples takes up to 0.1 ms. */
const itemsPerClockRead = 4;

interface ViewsParts
  extends Pick<DetailContext, 'points' | 'troubles' | 'interruption' | 'showClientIp' | 'requestsOf'>,
    Pick<StatusContext, 'troubleMs'> {
  readonly exporter: () => ExporterInput;
  readonly accounts: () => Iterable<AccountInput>;
  readonly clock: Clock;
}

/** Creates the functions that return the state of the exporter for the status page and the JSON API. */
export function createViews({ exporter, accounts, clock, ...memory }: ViewsParts) {
  const inSlices = createSlices({ ...clock, sliceMs, itemsPerClockRead });
  const contextOf = (all: readonly AccountInput[]): DetailContext & StatusContext => ({
    ...memory,
    now: clock.now(),
    controlLedgerOf: createControlLedgers(all),
    inSlices,
  });
  return {
    overview(query: OverviewQuery) {
      const all = [...accounts()];
      return toOverview(exporter(), all, query, contextOf(all));
    },
    status() {
      const all = [...accounts()];
      return toStatusView(exporter(), all, contextOf(all));
    },
    streams(query: StreamsQuery) {
      const all = [...accounts()];
      return toStreamsView(streamsOf(all), query, contextOf(all));
    },
    stream(urlKey: string) {
      const all = [...accounts()];
      return toStreamDetail(exporter(), all, urlKey, contextOf(all));
    },
  };
}
