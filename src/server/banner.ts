import type { Overview } from '../status/overview.ts';
import type { StreamView } from '../status/stream-view.ts';
import type { StatusView } from '../status/view.ts';
import { type Html, html } from './html.ts';
import { type IconName, icon } from './icon.ts';
import { hasWarnings, isLate, warningsOf } from './internals.ts';
import { lateDomains, noDataItems, noDataText } from './no-data.ts';
import { hrefOf, type PageQuery, streamHref } from './page-query.ts';
import { ageText, countText, time } from './quantity.ts';
import { beginAt, howLong, shownBegin, sinceText, stateIcon } from './state-marks.ts';
import { conditionsText } from './streams-table.ts';
import type { Words } from './words.ts';

/** Severity of the worst trouble, which banner, tab title and favicon show. */
export type Severity = 'bad' | 'warn' | 'unsure' | 'good' | 'none';

type Query = Pick<PageQuery, 'parameters'>;

const troubleStates = ['missing', 'degraded', 'unknown'] as const;

/** Number of forbidden streams that the banner names. */
const maxForbidden = 3;

/** Number of warnings that the banner contains. */
const maxWarnings = 3;

export function severityOf({ status, withoutVideo }: Pick<Overview, 'status' | 'withoutVideo'>): Severity {
  const { streams, forbidden, collectors } = status;
  if (streams.missing > 0 || withoutVideo > 0 || forbidden.total > 0) return 'bad';
  if (streams.degraded > 0 || status.interrupted > 0) return 'warn';
  if (streams.unknown > 0 || collectors.some(isLate) || lateDomains(status).length > 0) return 'unsure';
  if (hasWarnings(status)) return 'unsure';
  // Nobody knows whether it is good that no stream is pushed.
  return streams.up === 0 ? 'none' : 'good';
}

/** Returns what is wrong with the streams in a few words; undefined if nothing is. */
function headline({ status, worst }: Trouble, words: Words): string | undefined {
  const { streams, interrupted, forbidden } = status;
  const total = countText(streams.total, words);
  if (streams.total > 0 && streams.unknown === streams.total) return words.allUnknown(total);
  const counts = troubleStates
    .filter((state) => streams[state] > 0)
    .map((state) => ({ count: countText(streams[state], words), state }));
  if (counts.length > 0) {
    const text = words.inTrouble(counts, total);
    const isOnlyMissing =
      counts.length === 1 && streams.missing > 0 && streams.missing === worst.missing.length;
    if (!isOnlyMissing) return text;
    if (worst.missing.every((each) => each.forbidden === true))
      return words.because(text, words.text.forbidden);
    return worst.missing.every(isInterruptedOnly)
      ? words.interruptedNow(countText(interrupted, words))
      : text;
  }
  if (interrupted > 0) return words.interruptedNow(countText(interrupted, words));
  if (forbidden.total > 0) return words.forbiddenNow(countText(forbidden.total, words));
  return noDataText(status, words);
}

type Trouble = Pick<Overview, 'status' | 'worst'>;

/** Returns the title of the tab. It begins with what is wrong. */
export function titleOf(page: Trouble, words: Words): string {
  const trouble = headline(page, words) ?? (hasWarnings(page.status) ? words.text.warnings : undefined);
  return trouble === undefined ? 'livestream-exporter' : `${trouble} · livestream-exporter`;
}

/**
 * Renders the banner: what is wrong, which streams, and since when. While nothing is wrong, it says so. It shows
 * all streams, whatever the page selects.
 */
export function banner(
  page: Omit<Overview, 'streams' | 'selected' | 'page' | 'pages'> & { readonly query: Query },
  words: Words,
): Html | undefined {
  const { status, worst, sharedDomain, query } = page;
  const { streams, forbidden, now } = status;
  const severity = severityOf(page);
  const trouble = headline(page, words);
  const context = { now, query, words };
  const group = (
    name: string,
    shown: readonly Html[],
    mark: Html,
    more: Html | undefined | false,
    domain?: string,
  ) =>
    shown.length === 0
      ? []
      : [
          html`<li>${mark}<span><strong>${name}</strong>${domain !== undefined && html` (${words.text.allOn} <bdi>${domain}</bdi>)`}: ${shown.map((each, i) => html`${i > 0 && words.separators.item}${each}`)}${more}</span></li>`,
        ];
  const andMore = (count: number, href: string | undefined) => {
    const text = words.andMore(countText(count, words));
    return count > 0 && (href === undefined ? html` ${text}` : html` <a href="${href}">${text}</a>`);
  };
  const ofState = (state: (typeof troubleStates)[number]) => {
    const shown = worst[state];
    const href = hrefOf(query, { state });
    const more = andMore(streams[state] - shown.length, href);
    return group(
      words.states[state],
      shown.map((each) => named(each, context)),
      stateIcon(state),
      more,
      sharedDomain[state],
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
      icon('interrupted'),
      andMore(status.interrupted - worst.interrupted.length, hrefOf(query, { view: 'interrupted' })),
      sharedDomain.interrupted,
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
  const { causes, others } = noDataItems(page, words);
  const warnings = warningsOf(status, words);
  const further = warnings.length - maxWarnings;
  const notes = warnings.slice(0, maxWarnings).map((warning, i) => {
    const more = i === maxWarnings - 1 && further > 0 && ` ${words.andOthers(countText(further, words))}`;
    return html`<li>${icon('alarm')}<span><a href="#internals">${warning}</a>${more}</span></li>`;
  });
  const items = [...causes, ...groups, ...others, ...notes];
  if (trouble === undefined && streams.total === 0 && items.length === 0) return undefined;
  const well = streams.total === 0 ? words.text.warnings : wellText(streams, words);
  return html`<section class="banner ${severity}" aria-labelledby="headline"><h2 id="headline">${icon(severity === 'warn' && streams.degraded === 0 ? 'interrupted' : severityIcons[severity])}${trouble ?? well}</h2>${items.length > 0 && html`<ul>${items}</ul>`}</section>`;
}

const severityIcons: Readonly<Record<Severity, IconName>> = {
  bad: 'alarm',
  warn: 'degraded',
  unsure: 'unknown',
  good: 'up',
  none: 'silent',
};

/** Returns what the banner says while nothing is wrong. */
function wellText({ total, up, not_pushed: silent }: StatusView['streams'], words: Words): string {
  const count = countText(total, words);
  return silent === 0
    ? words.allWell(count)
    : words.upOf(countText(up, words), count, countText(silent, words));
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
  if (stream.state === 'missing' && isInterruptedOnly(stream))
    return namedInterrupted(stream, context, words.text.interrupted);
  const begin = shownBegin(stream, now);
  const since = sinceText(begin, now, words);
  const age = howLong(begin, words);
  const causes = [
    ...(stream.forbidden === true ? [words.text.forbidden] : []),
    ...(stream.conditions.length > 0 ? [conditionsText(stream.conditions, words)] : []),
  ];
  const what = causes.length > 0 && ` ${causes.join(words.separators.list)}${words.separators.clause.trim()}`;
  return html`${linkTo(stream, context)}${what}${since !== undefined && html` ${since} · <strong>${age}</strong>`}`;
}

/** Reports whether nothing else explains the breaks of an interrupted push. */
function isInterruptedOnly({ interrupted_since_at: since, forbidden }: StreamView): boolean {
  return since !== null && forbidden !== true;
}

/** Renders since when a push is interrupted; with `what` before, if this is not the name of the list. */
function namedInterrupted(stream: StreamView, context: NameContext, what?: string): Html {
  const { now, words } = context;
  const { interrupted_since_at: since, interrupted_seconds: seconds } = stream;
  const before = what !== undefined && ` ${what}${words.separators.clause.trim()}`;
  const begin = since !== null && beginAt(since, now);
  return html`${linkTo(stream, context)}${before}${
    begin && html` ${sinceText(begin, now, words)} · <strong>${howLong(begin, words)}</strong>`
  }${seconds !== null && html` · ${words.interruptedFor(ageText(seconds, words))}`}`;
}

function namedForbidden(stream: StatusView['forbidden']['streams'][number], context: NameContext): Html {
  const { now, words } = context;
  const { since_at: since, since_seconds: seconds } = stream;
  return html`<a href="#forbidden"><bdi class="name">${stream.stream}</bdi></a>${
    since !== null && html` ${words.since} ${time(since, now)}`
  }${seconds !== null && html` · <strong>${ageText(seconds, words)}</strong>`}`;
}
