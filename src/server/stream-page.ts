import { isWithoutVideo } from '../model/expectation.ts';
import type { InSlices } from '../model/slices.ts';
import type { StreamDetail } from '../status/stream-detail.ts';
import type { StreamView } from '../status/stream-view.ts';
import type { Severity } from './banner.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { mark } from './icon.ts';
import { words as allWords } from './language.ts';
import { pageHtml } from './page.ts';
import { hrefOf, hrefWith, type PageQuery } from './page-query.ts';
import { ageText, bitRateText, countText, fpsText, time } from './quantity.ts';
import { type DrawnRate, sparkline } from './sparkline.ts';
import { stateLooks } from './state-marks.ts';
import { streamTroubles } from './stream-troubles.ts';
import { measured, publisher, stateCell } from './streams-table.ts';
import { type Column, failureNote, location, quiet, table } from './table.ts';
import type { Language, Words } from './words.ts';

export interface StreamPage extends StreamDetail {
  readonly telemetryPath: string;
  readonly query: Pick<PageQuery, 'parameters' | 'isRefreshing'>;
  readonly language: Language;
}

/** Renders the page of one stream: its state, its last requests, and its trouble of the last hours. */
export async function streamPage(page: StreamPage, inSlices: InSlices): Promise<string> {
  const { stream, now, query, telemetryPath, language } = page;
  const words = allWords[language];
  const context = { now, startedAt: page.exporter_started_at, loadedAt: page.config_loaded_at, words };
  const main = html`${backLink(query, words)}
<section class="card padded"><div><h2 id="streams" class="title" tabindex="-1"><bdi class="name">${stream.stream}</bdi></h2></div>${location(stream.account, stream.domain, stream.app_name)}
<div class="present">${stateCell(stream, context)}${failureNote(stream.last_failure)}</div>
${wideSparkline('fps', page, words)}${wideSparkline('bitrate_bps', page, words)}
${facts(page, words)}</section>
${await streamTroubles(stream, context, inSlices)}
${await requests(page, words, inSlices)}
${totals(stream, words)}`;
  return pageHtml({
    ...frameOf({ key: stream.key, now, query, telemetryPath, language }),
    title: `${stateText(stream, words)}: ${stream.stream} · livestream-exporter`,
    severity: severityOf(stream),
    main,
  });
}

export interface NoStreamPage {
  /** Key in the URL, which no stream has. */
  readonly key: string;
  /** Time of the page, ISO 8601. */
  readonly now: string;
  readonly telemetryPath: string;
  readonly query: Pick<PageQuery, 'parameters' | 'isRefreshing'>;
  readonly language: Language;
}

/** Renders the page of a key that no stream has, such as that of a stream that left the config while it was open. */
export function noStreamPage(page: NoStreamPage): string {
  const words = allWords[page.language];
  const { text } = words;
  return pageHtml({
    ...frameOf(page),
    title: `${text.noSuchStream} · livestream-exporter`,
    severity: 'none',
    main: html`${backLink(page.query, words)}
<section class="card padded"><div><h2 id="streams" class="title" tabindex="-1">${text.noSuchStream}</h2></div><p>${text.notFound}</p></section>`,
  });
}

function backLink(query: Pick<PageQuery, 'parameters'>, { text }: Words): Html {
  return html`<p class="small"><a href="${homeOf(query)}">← ${text.backToAll}</a></p>`;
}

/** Returns the URL of the status page with all streams, relative to the page of a stream. */
function homeOf(query: Pick<PageQuery, 'parameters'>): string {
  return `../${hrefOf(query, {}).slice(2)}`;
}

/** Returns what the pages of all keys have in common. */
function frameOf({ key, now, query, telemetryPath, language }: NoStreamPage) {
  const { lang, refresh } = query.parameters;
  const link = (changes: Readonly<Record<string, string | undefined>>) =>
    hrefWith({ parameters: { lang, refresh } }, changes).replace('./', () => `./${encodeURIComponent(key)}`);
  const other = language === 'en' ? 'zh' : 'en';
  return {
    now,
    words: allWords[language],
    isRefreshing: query.isRefreshing,
    root: '../',
    telemetryPath,
    links: {
      home: homeOf(query),
      language: { href: link({ lang: other }), words: allWords[other] },
      refresh: link({ refresh: query.isRefreshing ? 'off' : undefined }),
    },
  };
}

/** Returns what the tab says of a stream: its state, or that its push is interrupted, and that it is forbidden. */
function stateText({ state, interrupted_seconds: interrupted, forbidden }: StreamView, words: Words): string {
  const { text, states, separators } = words;
  return [
    interrupted !== null && state === 'up' ? text.interrupted : states[state],
    ...(forbidden === true ? [text.forbidden] : []),
  ].join(separators.list);
}

/** Renders the recent rates over the width of the page. An empty graph would look like one of zeros. */
function wideSparkline(drawn: DrawnRate, { stream, now }: StreamPage, words: Words): Html {
  const { text } = words;
  const [name, limit] =
    drawn === 'fps'
      ? [text.frameRate, stream.expected.min_fps]
      : [text.bitRate, stream.expected.min_bitrate_bps];
  if (stream.recent.every((each) => each[drawn] === null))
    return html`<p class="quiet small">${words.noRecentRate(name)}</p>`;
  return html`<div class="wide-spark"><span class="quiet small">${name} · ${text.lastMinutes}${limit !== null && html` · <span class="limit">${text.limitLine}</span>`}</span>${sparkline(stream, Date.parse(now), words, drawn)}</div>`;
}

/** Returns the severity that the status page would show if this were the only stream. */
function severityOf(stream: StreamView): Severity {
  const { state, interrupted_seconds: interrupted, forbidden } = stream;
  if (forbidden === true || isWithoutVideo(stream.conditions)) return 'bad';
  if (interrupted !== null && state === 'up') return 'warn';
  const { tone } = stateLooks[state];
  return tone === 'bad' || tone === 'warn' || tone === 'unsure' || tone === 'good' ? tone : 'none';
}

type Fact = readonly [name: string, value: HtmlValue];

function factList(facts: readonly Fact[]): Html {
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function facts(
  { stream, now, next_request_at, next_request_seconds, interval_seconds }: StreamPage,
  words: Words,
) {
  const { text } = words;
  const { expected, due } = stream;
  const minimum = (value: number | null, toText: (value: number) => string) =>
    value !== null && html`<div class="note quiet">${words.minimum(toText(value))}</div>`;
  const at = (iso: string | null, age: number | null) =>
    iso === null || age === null
      ? quiet(text.noneYet)
      : html`${words.ago(ageText(age, words))}<div class="note quiet">${time(iso, now)}</div>`;
  const next =
    next_request_at === null || next_request_seconds === null
      ? text.running
      : html`${words.inAge(ageText(next_request_seconds, words))}<div class="note quiet">${time(next_request_at, now)}</div>`;
  const live = due === null ? 'unset' : due ? 'yes' : 'no';
  return factList([
    [text.frameRate, html`${measured(stream, 'fps', fpsText, words)}${minimum(expected.min_fps, fpsText)}`],
    [
      text.bitRate,
      html`${measured(stream, 'bitrate_bps', bitRateText, words)}${minimum(expected.min_bitrate_bps, bitRateText)}`,
    ],
    [text.expectedNow, words.expectedLive[live]],
    [text.newestSample, at(stream.sample_at, stream.sample_age_seconds)],
    [text.publisher, publisher(stream, words)],
    [text.server, stream.server_ip === null ? quiet('–') : html`<bdi>${stream.server_ip}</bdi>`],
    [text.answerAge, at(stream.watermark_at, stream.watermark_age_seconds)],
    [text.nextRequest, next],
    [text.interval, ageText(interval_seconds, words)],
    ...Object.entries(stream.labels).map(
      ([name, value]): Fact => [`${text.labels}: ${name}`, html`<bdi>${value}</bdi>`],
    ),
  ]);
}

type RequestView = StreamDetail['requests'][number];

async function requests({ now, requests: all }: StreamPage, words: Words, inSlices: InSlices): Promise<Html> {
  const { text } = words;
  // A failed request has no rows, which is not the same as an answer with 0 rows.
  const count = (name: 'rows' | 'counted' | 'skipped') => (request: RequestView) =>
    request.status === 'ok' ? countText(request[name], words) : quiet('–');
  const columns: readonly Column<RequestView>[] = [
    {
      title: text.requestTime,
      classes: 'wide',
      cell: ({ at, age_seconds: age }) =>
        html`${time(at, now)}<div class="note quiet">${words.ago(ageText(age, words))}</div>`,
    },
    {
      title: text.window,
      classes: 'wide labeled',
      cell: ({ window_from_at: from, window_to_at: to }) =>
        html`${time(from, now)} – ${time(to, now)}<div class="note quiet">${ageText((Date.parse(to) - Date.parse(from)) / 1000, words)}</div>`,
    },
    {
      title: text.status,
      classes: 'wide labeled',
      cell: ({ status, message }) =>
        status === 'ok'
          ? mark('good', 'up', status)
          : html`${mark('bad', 'alarm', status)}<div class="note bad"><bdi>${message ?? ''}</bdi></div>`,
    },
    { title: text.rows, classes: 'number labeled', cell: count('rows') },
    { title: text.counted, classes: 'number labeled', cell: count('counted') },
    { title: text.skipped, classes: 'number labeled', cell: count('skipped') },
    {
      title: text.took,
      classes: 'number labeled',
      cell: ({ took_seconds: seconds }) => `${Math.round(seconds * 1000)} ms`,
    },
  ];
  const rows =
    all.length === 0
      ? html`<p class="empty">${text.noRequests}</p>`
      : await table({ id: 'requests', columns, keyOf: requestKey }, all, inSlices);
  return html`<section class="card"><div class="head"><h2 id="requests">${text.lastRequests}</h2><span class="quiet small">${text.requestsNote}</span></div>
${rows}</section>`;
}

/** Returns the key of a request. One run can send several requests with the same time, of different windows. */
function requestKey({ at, window_from_at: from, window_to_at: to }: RequestView): string {
  return `${at} ${from} ${to}`;
}

function totals({ totals: counted, key }: StreamView, words: Words): Html {
  const { text } = words;
  const facts: readonly Fact[] =
    counted === null
      ? []
      : [
          [text.samples, countText(counted.samples, words)],
          [text.observed, ageText(counted.observed_seconds, words)],
          [text.badTotal, ageText(counted.bad_seconds, words)],
          [text.missingTime, ageText(counted.missing_seconds, words)],
          [text.uncounted, ageText(counted.gap_seconds, words)],
          [text.sessions, countText(counted.sessions, words)],
        ];
  return html`<section class="card padded"><div class="line"><span><h2 class="inline">${text.totals}</h2> <span class="quiet small">${text.totalsNote}</span></span><a class="small" href="../api/v1/streams/${key}">JSON</a></div>
${counted === null ? html`<p class="quiet">${text.noneYet}</p>` : factList(facts)}</section>`;
}
