import type { StreamState } from '../model/stream-state.ts';
import type { AccountInput, ExporterInput, StreamInput } from './inputs.ts';
import { createStreamMatch, type StreamFilter } from './stream-filter.ts';
import { createFirst, orderValue, type StreamOrder } from './stream-order.ts';
import type { StreamStatus } from './stream-status.ts';
import { type StreamsContext, type StreamView, toStreamViews } from './stream-view.ts';
import { isRecovered, type StatusContext, type StatusView, toStatusView } from './view.ts';

/** Streams that the status page shows, and their order. */
export interface OverviewQuery {
  readonly filter: StreamFilter;
  /** Whether only streams are selected that are well again after trouble in the last hours. */
  readonly isRecovered: boolean;
  readonly order: StreamOrder;
  /** Number of the page, from 1. If there are fewer pages, the last one is shown. */
  readonly page: number;
  readonly perPage: number;
}

/** Data of the status page. */
export interface Overview {
  readonly status: StatusView;
  /** Streams of the page, in the order of the query. */
  readonly streams: readonly StreamView[];
  /** Number of selected streams on all pages. */
  readonly selected: number;
  /** Number of the shown page, from 1. */
  readonly page: number;
  readonly pages: number;
  /** The first few streams of each state with trouble, whatever is selected, those that began last first. */
  readonly worst: Readonly<Record<'missing' | 'degraded' | 'unknown', readonly StreamView[]>>;
}

/** Number of streams per state that the banner names. */
const maxWorst = 3;

/** Returns the data of the status page. Reads the targets once, in slices of the event loop. */
export async function toOverview(
  exporter: ExporterInput,
  accounts: readonly AccountInput[],
  query: OverviewQuery,
  context: StreamsContext & StatusContext,
): Promise<Overview> {
  const { now, troubleMs } = context;
  const { order, perPage } = query;
  const isSelected = createStreamMatch(query.filter, now);
  const first = createFirst(query.page * perPage, order.isReversed);
  const worst = createWorst();
  const troubleOf = (streamKey: string) => troubleMs(streamKey, now);
  let position = 0;
  let selected = 0;
  const status = await toStatusView(exporter, accounts, context, (input, streamStatus) => {
    position++;
    worst.add(input, streamStatus);
    if (!isSelected(input, streamStatus)) return;
    if (query.isRecovered && !isRecovered(input, streamStatus, troubleMs, now)) return;
    const value = orderValue(order.by, input, streamStatus, troubleOf);
    selected++;
    first.add({ input, value, position });
  });
  const pages = Math.max(1, Math.ceil(selected / perPage));
  const page = Math.min(query.page, pages);
  const shown = first.all().slice((page - 1) * perPage, page * perPage);
  return {
    status,
    streams: await toStreamViews(
      shown.map(({ input }) => input),
      context,
    ),
    selected,
    page,
    pages,
    worst: {
      missing: await toStreamViews(worst.of('missing'), context),
      degraded: await toStreamViews(worst.of('degraded'), context),
      unknown: await toStreamViews(worst.of('unknown'), context),
    },
  };
}

/** Creates the selection of the streams of each state that began last. */
function createWorst() {
  const byState = new Map<StreamState, { readonly input: StreamInput; readonly value: number }[]>();
  return {
    add(input: StreamInput, status: StreamStatus): void {
      if (status.state === 'up' || status.state === 'not_pushed') return;
      const value = Number(orderValue('state', input, status, () => 0));
      const first = byState.get(status.state) ?? [];
      if (first.length === maxWorst && value >= (first.at(-1)?.value ?? 0)) return;
      first.push({ input, value });
      first.sort((a, b) => a.value - b.value);
      byState.set(status.state, first.slice(0, maxWorst));
    },
    of: (state: StreamState): readonly StreamInput[] => (byState.get(state) ?? []).map(({ input }) => input),
  };
}
