import { isWithoutVideo } from '../model/expectation.ts';
import type { StreamState } from '../model/stream-state.ts';
import type { AccountInput, ExporterInput, StreamInput } from './inputs.ts';
import { type Interruption, interruptionOf } from './interruption.ts';
import { toFailureView } from './json.ts';
import { createStreamMatch, type StreamFilter } from './stream-filter.ts';
import { createFirst, orderValue, type StreamOrder } from './stream-order.ts';
import { beginOf, type StreamStatus } from './stream-status.ts';
import { type StreamsContext, type StreamView, toStreamViews } from './stream-view.ts';
import { troubleKeptMs } from './troubles.ts';
import { isRecovered, type StatusContext, type StatusView, toStatusView } from './view.ts';

/** Streams that the status page shows, and their order. */
export interface OverviewQuery {
  readonly filter: StreamFilter;
  /** Whether only streams are selected that are well again after trouble in the last hours. */
  readonly isRecovered: boolean;
  /** Whether only streams are selected whose push is interrupted. */
  readonly isInterrupted: boolean;
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
  /** Number of streams without video: none, or a stalled one. Viewers see as little as of a missing stream. */
  readonly withoutVideo: number;
  /** A failure of an unknown stream of each account that has one, by account. */
  readonly failures: ReadonlyMap<string, Failure>;
  /**
   * The first few streams of each kind of trouble, whatever is selected, those that began last first. Degraded streams
   * without video are before the others.
   */
  readonly worst: Readonly<Record<Trouble, readonly StreamView[]>>;
  /** Domain of all streams of a kind of trouble if they are several, and other streams have other domains. */
  readonly sharedDomain: Readonly<Partial<Record<Trouble, string>>>;
}

type Trouble = 'missing' | 'degraded' | 'unknown' | 'interrupted';

export type Failure = ReturnType<typeof toFailureView>;

/** Number of streams per kind of trouble that the banner names. */
const maxWorst = 3;

/** Returns the data of the status page. Reads the targets once, in slices of the event loop. */
export async function toOverview(
  exporter: ExporterInput,
  accounts: readonly AccountInput[],
  query: OverviewQuery,
  context: StreamsContext & StatusContext,
): Promise<Overview> {
  const { now, troubleMs, interruption } = context;
  const { order, perPage } = query;
  const isSelected = createStreamMatch(query.filter, now);
  const first = createFirst(query.page * perPage, order.isReversed);
  const worst = createWorst();
  const shared = createSharedDomain();
  let position = 0;
  let selected = 0;
  let withoutVideo = 0;
  const failures = new Map<string, Failure>();
  const status = await toStatusView(exporter, accounts, context, (input, streamStatus) => {
    position++;
    const interrupted = interruptionOf(input, streamStatus, interruption, now);
    const isInterruptedNow = interrupted !== undefined;
    worst.add(input, streamStatus, interrupted);
    shared.add(input, streamStatus.state);
    if (isInterruptedNow) shared.add(input, 'interrupted');
    if (isWithoutVideo(streamStatus.conditions)) withoutVideo++;
    const { account } = input.target.stream;
    if (streamStatus.state === 'unknown' && input.failure !== undefined && !failures.has(account))
      failures.set(account, toFailureView(input.failure));
    if (query.isInterrupted && !isInterruptedNow) return;
    if (!isSelected(input, streamStatus)) return;
    if (query.isRecovered && (isInterruptedNow || !isRecovered(input, streamStatus, troubleMs, now))) return;
    const value =
      order.by === 'trouble'
        ? -shownTroubleMs(input, streamStatus, interrupted, context)
        : orderValue(order.by, input, streamStatus, interrupted);
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
    withoutVideo,
    failures,
    worst: {
      missing: await toStreamViews(worst.of('missing'), context),
      degraded: await toStreamViews(worst.of('degraded'), context),
      unknown: await toStreamViews(worst.of('unknown'), context),
      interrupted: await toStreamViews(worst.of('interrupted'), context),
    },
    sharedDomain: shared.result(),
  };
}

/**
 * Returns the bad and missing time of a stream in the last hours, as the page shows it: with the time of a stream that
 * is missing now, which is not part of the ended troubles, and at least with the breaks of an interrupted push.
 */
function shownTroubleMs(
  input: StreamInput,
  status: StreamStatus,
  interruption: Interruption | undefined,
  { now, troubleMs }: StatusContext,
): number {
  const begin = status.state === 'missing' ? beginOf(input, status, now) : undefined;
  const missingMs = begin === undefined ? 0 : Math.min(now - begin.at, troubleKeptMs);
  return Math.max(troubleMs(input.key, now) + missingMs, interruption?.ms ?? 0);
}

/** Finds the domain that all streams of a kind of trouble share. */
function createSharedDomain() {
  const all = new Set<string>();
  const byTrouble = new Map<Trouble, { readonly domain: string; count: number }>();
  const mixed = new Set<Trouble>();
  return {
    add({ target }: StreamInput, state: StreamState | 'interrupted'): void {
      const { domain } = target.stream;
      all.add(domain);
      if (state === 'up' || state === 'not_pushed') return;
      const known = byTrouble.get(state);
      if (known === undefined) byTrouble.set(state, { domain, count: 1 });
      else if (known.domain === domain) known.count++;
      else mixed.add(state);
    },
    result(): Overview['sharedDomain'] {
      const shared = [...byTrouble].filter(([trouble, { count }]) => count > 1 && !mixed.has(trouble));
      return all.size < 2 ? {} : Object.fromEntries(shared.map(([trouble, { domain }]) => [trouble, domain]));
    },
  };
}

/** Creates the selection of the streams of each kind of trouble that began last. */
function createWorst() {
  const byKind = new Map<Trouble, { readonly input: StreamInput; readonly value: number }[]>();
  const addAs = (
    kind: Trouble,
    input: StreamInput,
    status: StreamStatus,
    interruption?: Interruption,
  ): void => {
    const began = Number(orderValue('state', input, status, interruption));
    const value = isWithoutVideo(status.conditions) ? began - 1e14 : began;
    const first = byKind.get(kind) ?? [];
    if (first.length === maxWorst && value >= (first.at(-1)?.value ?? 0)) return;
    first.push({ input, value });
    first.sort((a, b) => a.value - b.value);
    byKind.set(kind, first.slice(0, maxWorst));
  };
  return {
    add(input: StreamInput, status: StreamStatus, interruption: Interruption | undefined): void {
      // A missing one is named once.
      if (interruption !== undefined && status.state !== 'missing')
        addAs('interrupted', input, status, interruption);
      if (status.state !== 'up' && status.state !== 'not_pushed') addAs(status.state, input, status);
    },
    of: (kind: Trouble): readonly StreamInput[] => (byKind.get(kind) ?? []).map(({ input }) => input),
  };
}
