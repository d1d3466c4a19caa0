import type { Overview } from '../status/overview.ts';
import type { StreamView } from '../status/stream-view.ts';
import type { StatusView } from '../status/view.ts';
import { type Html, html } from './html.ts';
import { icon } from './icon.ts';
import { isLate } from './internals.ts';
import { hrefWith, type PageQuery, streamHref } from './page-query.ts';
import { ageText, countText } from './quantity.ts';
import { howLong, sinceText, stateIcon } from './state-marks.ts';
import { conditionsText } from './streams-table.ts';
import type { Words } from './words.ts';

/** Severity of the worst trouble, which banner, tab title and favicon show. */
export type Severity = 'bad' | 'warn' | 'unsure' | 'good' | 'none';

type Query = Pick<PageQuery, 'parameters'>;

const troubleStates = ['missing', 'degraded', 'unknown'] as const;

export function severityOf(status: StatusView): Severity {
  const { streams, forbidden, collectors } = status;
  if (streams.missing > 0) return 'bad';
  if (streams.degraded > 0 || forbidden.total > 0) return 'warn';
  if (streams.unknown > 0 || collectors.some(isLate)) return 'unsure';
  if (hasWarnings(status)) return 'unsure';
  return streams.total === 0 ? 'none' : 'good';
}

/** Returns what is wrong with the streams in a few words; undefined if nothing is. */
function headline({ streams, forbidden, collectors }: StatusView, words: Words): string | undefined {
  const total = countText(streams.total, words);
  if (streams.total > 0 && streams.unknown === streams.total) return words.allUnknown(total);
  const counts = troubleStates
    .filter((state) => streams[state] > 0)
    .map((state) => ({ count: countText(streams[state], words), state }));
  if (counts.length > 0) return words.inTrouble(counts, total);
  if (forbidden.total > 0) return words.forbiddenNow(countText(forbidden.total, words));
  const late = collectors.filter(isLate);
  return late.length > 0 ? words.collectorsFailing(namesOf(late)) : undefined;
}

/** Returns the title of the tab. It begins with what is wrong. */
export function titleOf(status: StatusView, words: Words): string {
  const trouble = headline(status, words) ?? (hasWarnings(status) ? words.text.warnings : undefined);
  return trouble === undefined ? 'livestream-exporter' : `${trouble} · livestream-exporter`;
}

function hasWarnings({ exporter }: StatusView): boolean {
  return exporter.warnings.length > 0 || !exporter.config_last_reload_successful;
}

/**
 * Renders the banner: what is wrong, which streams, and since when. While nothing is wrong, it says so. It shows
 * all streams, whatever the page selects.
 */
export function banner(
  { status, worst, query }: Pick<Overview, 'status' | 'worst'> & { readonly query: Query },
  words: Words,
): Html | undefined {
  const { streams, forbidden, collectors, now, exporter } = status;
  const severity = severityOf(status);
  const trouble = headline(status, words);
  const groups = troubleStates.flatMap((state) => {
    const shown = worst[state];
    if (shown.length === 0) return [];
    const more = streams[state] - shown.length;
    return html`<li>${stateIcon(state)}<span><strong>${words.states[state]}</strong>: ${shown.map((stream, i) => html`${i > 0 && '; '}${named(stream, { now, query, words })}`)}${
      more > 0 &&
      html` <a href="${hrefWith({ parameters: {} }, { state, lang: query.parameters.lang })}">${words.andMore(countText(more, words))}</a>`
    }</span></li>`;
  });
  const late = collectors.filter(isLate);
  const notes = [
    ...(forbidden.total > 0
      ? [
          html`<li>${icon('forbidden')}<span><a href="#forbidden">${words.forbiddenNow(countText(forbidden.total, words))}</a></span></li>`,
        ]
      : []),
    ...(late.length > 0
      ? [
          html`<li>${icon('alarm')}<span><a href="#internals">${words.collectorsFailing(namesOf(late))}</a>${lastSuccess(late, words)}</span></li>`,
        ]
      : []),
    ...(hasWarnings(status)
      ? [
          html`<li>${icon('alarm')}<span><a href="#internals">${exporter.warnings[0] ?? words.text.failedReload}</a></span></li>`,
        ]
      : []),
  ];
  const items = [...groups, ...notes];
  if (trouble === undefined && streams.total === 0 && items.length === 0) return undefined;
  const well = streams.total === 0 ? words.text.warnings : words.allWell(countText(streams.total, words));
  return html`<section class="banner ${severity}" aria-labelledby="headline"><h2 id="headline">${icon(severity === 'good' ? 'up' : severity === 'unsure' ? 'unknown' : 'alarm')}${trouble ?? well}</h2>${items.length > 0 && html`<ul>${items}</ul>`}</section>`;
}

function named(
  stream: StreamView,
  { now, query, words }: { readonly now: string; readonly query: Query; readonly words: Words },
): Html {
  const since = sinceText(stream, now, words);
  const age = howLong(stream, words);
  const what =
    stream.conditions.length > 0 &&
    ` ${conditionsText(stream.conditions, words)}${words.separators.clause.trim()}`;
  return html`<a href="${streamHref(query, stream.key)}"><bdi class="name">${stream.stream}</bdi></a>${what}${since !== undefined && html` ${since} · <strong>${age}</strong>`}`;
}

type Collectors = StatusView['collectors'];

function namesOf(collectors: Collectors): string {
  return collectors.map(({ account, collector }) => `${account}/${collector}`).join(', ');
}

/** Renders how long ago the last of the collectors succeeded; nothing if one never did. */
function lastSuccess(collectors: Collectors, words: Words): Html | undefined {
  const ages = collectors.map(({ last_success_age_seconds: age }) => age);
  if (ages.includes(null)) return undefined;
  return html` · ${words.lastSuccessWas(ageText(Math.max(...ages.map(Number)), words))}`;
}
