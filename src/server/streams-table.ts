import type { InSlices } from '../model/slices.ts';
import type { StreamOrder } from '../status/stream-order.ts';
import type { StreamView } from '../status/stream-view.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { mark } from './icon.ts';
import { hrefWith, type PageQuery, streamHref } from './page-query.ts';
import { ageText, bitRateText, fpsText, secondsBetween, time } from './quantity.ts';
import { sparkline, troubledRate } from './sparkline.ts';
import { beginAt, howLong, noAnswerAge, shownBegin, sinceText, stateMark } from './state-marks.ts';
import { type Column, failureNote, location, quiet, table } from './table.ts';
import type { Words } from './words.ts';

/** Times (ISO 8601) and language of a page. */
export interface CellContext {
  /** Time of the page. */
  readonly now: string;
  /** Start of the exporter, since which troubles are known. */
  readonly startedAt: string;
  /** Time at which the active config was loaded. */
  readonly loadedAt: string;
  readonly words: Words;
}

export interface StreamsTableOptions extends CellContext {
  readonly query: Pick<PageQuery, 'order' | 'parameters'>;
  /** Accounts for which the page has the reason why their requests fail, so that the rows are short. */
  readonly blind?: ReadonlySet<string>;
}

/** Renders the streams as a table, in the given order. The headers sort the table. */
export function streamsTable(
  streams: readonly StreamView[],
  { query, blind = new Set(), ...context }: StreamsTableOptions,
  inSlices: InSlices,
): Promise<Html> {
  const { now, words } = context;
  const { text } = words;
  const sortable = (by: StreamOrder['by'], title: string) => {
    const { order, parameters } = query;
    const isCurrent = order.by === by;
    const sort = `${isCurrent && !order.isReversed ? '-' : ''}${by}`;
    const href = hrefWith({ parameters }, { sort: sort === 'state' ? undefined : sort, page: undefined });
    const isDescending = order.isReversed !== (by === 'trouble');
    return {
      title,
      header: html`<a class="sort" href="${href}">${title}</a>`,
      sorted: isCurrent ? (isDescending ? ('descending' as const) : ('ascending' as const)) : undefined,
    };
  };
  const columns: readonly Column<StreamView>[] = [
    {
      ...sortable('state', text.state),
      classes: 'wide',
      cell: (stream) => stateCell(stream, context),
    },
    {
      ...sortable('name', text.stream),
      classes: 'wide',
      cell: (stream) => names(stream, query, blind.has(stream.account) ? words : undefined),
    },
    {
      ...sortable('fps', text.frameRate),
      classes: 'number labeled',
      cell: (stream) => measured(stream, 'fps', fpsText, words),
    },
    {
      title: text.lastMinutes,
      header: html`${text.lastMinutes} <span class="limit">${text.limitLine}</span>`,
      classes: 'wide late labeled',
      // An empty graph would look like one of zeros.
      cell: (stream) =>
        stream.recent.length === 0 && stream.state !== 'up' ? quiet('–') : graph(stream, now, words),
    },
    {
      ...sortable('bitrate', text.bitRate),
      classes: 'number labeled',
      cell: (stream) => measured(stream, 'bitrate_bps', bitRateText, words),
    },
    {
      ...sortable('trouble', text.lastHours),
      classes: 'labeled',
      cell: (stream) => trouble(stream, context),
    },
    {
      title: text.newestSample,
      classes: 'number late labeled',
      cell: (stream) => newest(stream, words),
    },
  ];
  const options = { id: 'streams', columns, keyOf: ({ key }: StreamView) => key, sortLabel: text.sortBy };
  return table(options, streams, inSlices);
}

/** Renders the recent frame rates, or the bit rates if these show the trouble. */
function graph(stream: StreamView, now: string, words: Words): Html {
  const drawn = troubledRate(stream);
  return html`${sparkline(stream, Date.parse(now), words, drawn)}${
    drawn === 'bitrate_bps' && html`<div class="note quiet">${words.text.bitRate}</div>`
  }`;
}

/** Renders the state, what is wrong, and since when. */
export function stateCell(stream: StreamView, { now, startedAt, loadedAt, words }: CellContext): Html {
  const { state, conditions, due, forbidden, interrupted_seconds: interrupted } = stream;
  const isUnexpected = state === 'not_pushed' && due === false;
  // The state of an interrupted stream is up only until its next break, and began with its last one.
  const isInterrupted = interrupted !== null;
  const { interrupted_since_at: breaksSince } = stream;
  const begin = breaksSince === null ? shownBegin(stream, now) : beginAt(breaksSince, now);
  const age = howLong(begin, words) ?? noAnswerAge(loadedAt, startedAt, now, words);
  const since = sinceText(begin, now, words) ?? html`${words.noAnswerSince} ${time(loadedAt, now)}`;
  return html`<span class="marks">${!(isInterrupted && state === 'up') && stateMark(state, words)}${forbidden === true && mark('bad', 'forbidden', words.text.forbidden)}${isInterrupted && mark('warn', 'interrupted', words.text.interrupted)} <span class="age">${age}</span></span>${interrupted !== null && html`<div class="note">${words.interruptedFor(ageText(interrupted, words))}</div>`}${conditions.length > 0 && html`<div class="note">${conditionsText(conditions, words)}</div>`}${
    isUnexpected && html`<div class="note quiet">${words.notExpected}</div>`
  }<div class="note quiet">${since}</div>`;
}

export function conditionsText(kinds: StreamView['troubles'][number]['kinds'], words: Words): string {
  return kinds.map((kind) => words.kinds[kind] ?? kind).join(words.separators.list);
}

/** Renders the name of a stream, and why its requests fail: shortly if `short` is set. */
function names(view: StreamView, query: Pick<PageQuery, 'parameters'>, short: Words | undefined): Html {
  const { key, stream, account, domain, app_name, labels, last_failure } = view;
  const label = ([name, value]: readonly [string, string]) =>
    html`<span class="label">${name}: <bdi>${value}</bdi></span>`;
  const entries = Object.entries(labels);
  return html`<a class="name" href="${streamHref(query, key)}"><bdi>${stream}</bdi></a>${location(account, domain, app_name)}${
    entries.length > 0 && html`<div class="labels">${entries.map(label)}</div>`
  }${short === undefined || last_failure === null ? failureNote(last_failure) : html`<div class="note bad">${short.requestsFail(last_failure.kind)}</div>`}`;
}

/**
 * Renders a measured value and below it the expected value. If the measured value is missing, renders a dash
 * or a text instead, never zero.
 */
export function measured(
  stream: StreamView,
  key: 'fps' | 'bitrate_bps',
  toText: (value: number) => string,
  words: Words,
): Html {
  const value = stream[key];
  const expected = stream.expected[key];
  const shown =
    value === null ? missing(stream.state, words) : html`<span class="big">${toText(value)}</span>`;
  return html`${shown}${expected !== null && html`<div class="note quiet">${words.expected(toText(expected))}</div>`}`;
}

/**
 * Returns what is wrong with a stream now. The troubles of a stream contain a missing time only after its end, and no
 * values of lists.
 */
export function ongoingText(stream: StreamView, words: Words): string | undefined {
  const names = presentTroubles(stream, words);
  return names === undefined ? undefined : `${names}${words.separators.clause}${words.text.ongoing}`;
}

/** Returns the names of what is wrong with a stream now; undefined if nothing is. */
export function presentTroubles(stream: StreamView, words: Words): string | undefined {
  const { state, conditions, interrupted_seconds: interrupted, forbidden } = stream;
  const kinds = state === 'missing' ? (['missing'] as const) : conditions;
  const names = [
    ...(forbidden === true ? [words.text.forbidden] : []),
    ...(interrupted === null ? [] : [words.text.interrupted]),
    ...(kinds.length === 0 ? [] : [conditionsText(kinds, words)]),
  ];
  return names.length === 0 ? undefined : names.join(words.separators.list);
}

/**
 * Returns the text for a stream without trouble in the last hours, which nobody knows of an unknown stream, nor of the
 * time before the start of the exporter.
 */
export function noTroubleText(
  { state, state_since_at: since }: Pick<StreamView, 'state' | 'state_since_at'>,
  { now, startedAt, words: { text, states } }: CellContext,
): string {
  if (since === null) return text.noDataYet;
  if (state === 'unknown') return states.unknown;
  return secondsBetween(startedAt, now) < lastHoursSeconds ? text.noTroubleSinceStart : text.noTrouble;
}

/** Length of the last hours in seconds. */
const lastHoursSeconds = 6 * 3600;

/**
 * Returns the bad and missing time of the last hours in seconds, with that of a stream that is missing now. The time of
 * an interrupted stream is at least the time of its breaks.
 */
function troubleSeconds(stream: StreamView, now: string): number {
  const { troubles, state, state_age_seconds: age, interrupted_seconds: interrupted } = stream;
  const ended = troubles.reduce(
    (total, { seconds, to_at: to }) => total + Math.min(seconds, lastHoursSeconds - secondsBetween(to, now)),
    0,
  );
  const missing = state === 'missing' && age !== null ? Math.min(age, lastHoursSeconds) : 0;
  return Math.max(ended + missing, interrupted ?? 0);
}

/** Renders the bad and missing time of the last hours, and how long ago it ended. */
function trouble(stream: StreamView, context: CellContext): HtmlValue {
  const { now, words } = context;
  const { troubles } = stream;
  const ongoing = ongoingText(stream, words);
  const seconds = troubleSeconds(stream, now);
  if (seconds === 0) return quiet(ongoing ?? noTroubleText(stream, context));
  return html`<span class="trouble">${words.badTime(ageText(seconds, words))}</span>${note(ongoing ?? ended(troubles.at(-1), now, words))}`;
}

function ended(last: StreamView['troubles'][number] | undefined, now: string, words: Words) {
  if (last === undefined) return undefined;
  const age = ageText(secondsBetween(last.to_at, now), words);
  return `${conditionsText(last.kinds, words)}${words.separators.clause}${words.lastTrouble(age)}`;
}

function note(text: string | undefined): HtmlValue {
  return text !== undefined && html`<div class="note quiet">${text}</div>`;
}

function newest(stream: StreamView, words: Words): Html {
  const { sample_age_seconds: age, client_ip: address, publishers } = stream;
  const isShown = address !== null || (publishers ?? 0) > 1;
  return html`${age === null ? quiet(words.text.noneYet) : words.ago(ageText(age, words))}${
    isShown &&
    html`<div class="note quiet">${address !== null && html`${words.text.from} `}${publisher(stream, words)}</div>`
  }`;
}

export function publisher(stream: StreamView, words: Words): Html {
  const { client_ip, client_ip_is_hidden: isHidden, publishers, state } = stream;
  const none = isHidden ? quiet(words.text.hidden) : missing(state, words);
  const address = client_ip === null ? none : html`<bdi>${client_ip}</bdi>`;
  return html`${address}${
    publishers !== null &&
    publishers > 1 &&
    html`<div class="note warn">+ ${words.morePublishers(publishers - 1)}</div>`
  }`;
}

/** Renders a missing value. If the stream is pushed, the provider sent a sample without this value. */
function missing(state: StreamView['state'], words: Words): Html {
  return quiet(state === 'up' || state === 'degraded' ? words.text.notReported : '–');
}
