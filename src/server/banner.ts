import type { Overview } from '../status/overview.ts';
import type { StreamView } from '../status/stream-view.ts';
import type { StatusView } from '../status/view.ts';
import { type Html, html } from './html.ts';
import { icon } from './icon.ts';
import { isLate } from './internals.ts';
import { hrefWith, type PageQuery, streamHref } from './page-query.ts';
import { ageText, countText, time } from './quantity.ts';
import { howLong, sinceText, stateIcon } from './state-marks.ts';
import { conditionsText } from './streams-table.ts';
import type { Words } from './words.ts';

/** Severity of the worst trouble, which banner, tab title and favicon show. */
export type Severity = 'bad' | 'warn' | 'unsure' | 'good' | 'none';

type Query = Pick<PageQuery, 'parameters'>;

const troubleStates = ['missing', 'degraded', 'unknown'] as const;

/** Number of forbidden streams that the banner names. */
const maxForbidden = 3;

export function severityOf(status: StatusView): Severity {
  const { streams, forbidden, collectors } = status;
  if (streams.missing > 0) return 'bad';
  if (streams.degraded > 0 || status.interrupted > 0 || forbidden.total > 0) return 'warn';
  if (streams.unknown > 0 || collectors.some(isLate)) return 'unsure';
  if (hasWarnings(status)) return 'unsure';
  return streams.total === 0 ? 'none' : 'good';
}

/** Returns what is wrong with the streams in a few words; undefined if nothing is. */
function headline(
  { streams, interrupted, forbidden, collectors }: StatusView,
  words: Words,
): string | undefined {
  const total = countText(streams.total, words);
  if (streams.total > 0 && streams.unknown === streams.total) return words.allUnknown(total);
  const counts = troubleStates
    .filter((state) => streams[state] > 0)
    .map((state) => ({ count: countText(streams[state], words), state }));
  if (counts.length > 0) return words.inTrouble(counts, total);
  if (interrupted > 0) return words.interruptedNow(countText(interrupted, words));
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
  const context = { now, query, words };
  const group = (name: string, shown: readonly Html[], mark: Html, more: Html | undefined | false) =>
    shown.length === 0
      ? []
      : [
          html`<li>${mark}<span><strong>${name}</strong>: ${shown.map((each, i) => html`${i > 0 && words.separators.item}${each}`)}${more}</span></li>`,
        ];
  const andMore = (count: number, href: string | undefined) => {
    const text = words.andMore(countText(count, words));
    return count > 0 && (href === undefined ? html` ${text}` : html` <a href="${href}">${text}</a>`);
  };
  const ofState = (state: (typeof troubleStates)[number]) => {
    const shown = worst[state];
    const href = hrefWith({ parameters: {} }, { state, lang: query.parameters.lang });
    const more = andMore(streams[state] - shown.length, href);
    return group(
      words.states[state],
      shown.map((each) => named(each, context)),
      stateIcon(state),
      more,
    );
  };
  // A forbidden stream that is named as missing is one trouble.
  const namedMissing = new Set(worst.missing.map(nameKey));
  const otherForbidden = forbidden.streams.filter((each) => !namedMissing.has(nameKey(each)));
  const groups = [
    ...ofState('missing'),
    ...ofState('degraded'),
    ...group(
      words.text.interrupted,
      worst.interrupted.map((each) => namedInterrupted(each, context)),
      icon('silent'),
      andMore(status.interrupted - worst.interrupted.length, undefined),
    ),
    ...group(
      words.text.forbidden,
      otherForbidden.slice(0, maxForbidden).map((each) => namedForbidden(each, context)),
      icon('forbidden'),
      andMore(
        forbidden.total -
          (forbidden.streams.length - otherForbidden.length) -
          Math.min(otherForbidden.length, maxForbidden),
        '#forbidden',
      ),
    ),
    ...ofState('unknown'),
  ];
  const late = collectors.filter(isLate);
  const notes = [
    ...(late.length > 0
      ? [
          html`<li>${icon('alarm')}<span><a href="#internals">${words.collectorsFailing(namesOf(late))}</a>${lastSuccess(late, words)}${failureOf(late, worst.unknown)}</span></li>`,
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

function nameKey({
  account,
  domain,
  app_name,
  stream,
}: Pick<StreamView, 'account' | 'domain' | 'app_name' | 'stream'>) {
  return JSON.stringify([account, domain, app_name, stream]);
}

interface NameContext {
  readonly now: string;
  readonly query: Query;
  readonly words: Words;
}

function linkTo(stream: StreamView, { query }: NameContext): Html {
  return html`<a href="${streamHref(query, stream.key)}"><bdi class="name">${stream.stream}</bdi></a>`;
}

function named(stream: StreamView, context: NameContext): Html {
  const { now, words } = context;
  const since = sinceText(stream, now, words);
  const age = howLong(stream, words);
  const causes = [
    ...(stream.forbidden === true ? [words.text.forbidden] : []),
    ...(stream.conditions.length > 0 ? [conditionsText(stream.conditions, words)] : []),
  ];
  const what = causes.length > 0 && ` ${causes.join(words.separators.list)}${words.separators.clause.trim()}`;
  return html`${linkTo(stream, context)}${what}${since !== undefined && html` ${since} · <strong>${age}</strong>`}`;
}

function namedInterrupted(stream: StreamView, context: NameContext): Html {
  const { now, words } = context;
  const { interrupted_since_at: since, interrupted_seconds: seconds } = stream;
  return html`${linkTo(stream, context)}${since !== null && html` ${words.since} ${time(since, now)}`}${
    seconds !== null && html` · <strong>${words.interruptedFor(ageText(seconds, words))}</strong>`
  }`;
}

function namedForbidden(stream: StatusView['forbidden']['streams'][number], context: NameContext): Html {
  const { now, words } = context;
  const { since_at: since, since_seconds: seconds } = stream;
  return html`<a href="#forbidden"><bdi class="name">${stream.stream}</bdi></a>${
    since !== null && html` ${words.since} ${time(since, now)}`
  }${seconds !== null && html` · <strong>${ageText(seconds, words)}</strong>`}`;
}

/** Renders why requests fail, as far as one of the named streams shows it. */
function failureOf(late: Collectors, unknown: readonly StreamView[]): Html | undefined {
  const accounts = new Set(late.map(({ account }) => account));
  const failure = unknown.find(
    (each) => accounts.has(each.account) && each.last_failure !== null,
  )?.last_failure;
  return failure ? html` · ${failure.kind}: <bdi>${failure.message}</bdi>` : undefined;
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
