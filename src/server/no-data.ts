import type { DomainView } from '../status/control-view.ts';
import type { Failure, Overview } from '../status/overview.ts';
import type { StatusView } from '../status/view.ts';
import { type Html, html } from './html.ts';
import { icon } from './icon.ts';
import { isLate } from './internals.ts';
import { ageText, countText, time } from './quantity.ts';
import { noAnswerAge } from './state-marks.ts';
import type { Words } from './words.ts';

type Collectors = StatusView['collectors'];
type Causes = Pick<Overview, 'status' | 'failures'>;

/**
 * Maximum age of a watermark at which the page treats the data of the domain as recent. A watermark from
 * before a restart can be much older.
 */
export const maxWatermarkAgeSeconds = 600;

/** Number of accounts, and of domains, without data that the banner names. */
const maxNamed = 5;

/** Number of collectors and domains without data that the headline names. */
const maxInHeadline = 3;

/** Accounts whose streams have no data at all, for which the banner has the reason. */
export function blindAccounts({ status: { collectors }, failures }: Causes): ReadonlySet<string> {
  // If another collector gets no data, the failure of a stream is not the reason.
  const late = collectors.filter((each) => each.collector === 'push_stats' && isLate(each));
  return new Set(late.map(({ account }) => account).filter((account) => failures.has(account)));
}

/**
 * Returns the domains whose control history fails and is not recent, except those of an account whose collector gets no
 * data at all, which is one trouble. Nobody knows which of their streams are forbidden.
 */
export function lateDomains({ domains, collectors }: StatusView): readonly DomainView[] {
  const named = new Set(
    collectors
      .filter((each) => each.collector === 'control_history' && isLate(each))
      .map(({ account }) => account),
  );
  return domains.filter(
    ({ account, last_failure: failure, watermark_age_seconds: age }) =>
      failure !== null && !named.has(account) && (age === null || age > maxWatermarkAgeSeconds),
  );
}

/** Returns what the headline says if collectors or domains get no data; undefined if all do. */
export function noDataText(status: StatusView, words: Words): string | undefined {
  const late = [...status.collectors.filter(isLate).map(nameOf), ...lateDomains(status).map(domainNameOf)];
  if (late.length === 0) return undefined;
  const names = late.slice(0, maxInHeadline).join(', ');
  const others = late.length - maxInHeadline;
  return words.collectorsFailing(
    others > 0 ? `${names} ${words.andOthers(countText(others, words))}` : names,
  );
}

/**
 * Renders a line for each account whose collectors get no data, and for each such domain: since when, and why. `causes`
 * are the lines of accounts with unknown streams, of which they are the cause.
 */
export function noDataItems({ status, failures }: Causes, words: Words) {
  const late = status.collectors.filter(isLate);
  const blind = blindAccounts({ status, failures });
  const accounts = [...new Set(late.map(({ account }) => account))];
  const shown = accounts.slice(0, maxNamed);
  const itemOf = (account: string) => {
    const own = late.filter((each) => each.account === account);
    const failure = blind.has(account) ? failures.get(account) : domainFailure(own, status);
    return html`<li>${icon('alarm')}<span><a href="#internals">${words.collectorsFailing(own.map(nameOf).join(', '))}</a>${lastSuccess(own, status, words)}${failureText(failure)}</span></li>`;
  };
  const [causes = [], others = []] = [true, false].map((isCause) =>
    shown.filter((account) => blind.has(account) === isCause).map(itemOf),
  );
  const domains = lateDomains(status);
  const domainItems = domains
    .slice(0, maxNamed)
    .map(
      (domain) =>
        html`<li>${icon('alarm')}<span><a href="#domains">${words.collectorsFailing(domainNameOf(domain))}</a>${domainSince(domain, status, words)}${failureText(domain.last_failure ?? undefined)}</span></li>`,
    );
  const more = accounts.length - shown.length + domains.length - domainItems.length;
  const moreItem = html`<li>${icon('alarm')}<span><a href="#internals">${words.andOthers(countText(more, words))}</a></span></li>`;
  return { causes, others: [...others, ...domainItems, ...(more > 0 ? [moreItem] : [])] };
}

function nameOf({ account, collector }: Collectors[number]): string {
  return `${account}/${collector}`;
}

function domainNameOf({ account, domain }: DomainView): string {
  return `${account}/${domain}`;
}

/** Returns the failure of a domain if the collector of its actions is one of the collectors of an account. */
function domainFailure(collectors: Collectors, { domains }: StatusView): Failure | undefined {
  const own = collectors.find(({ collector }) => collector === 'control_history');
  const failing = domains.find((each) => each.account === own?.account && each.last_failure !== null);
  return failing?.last_failure ?? undefined;
}

/** Renders why requests fail, as far as a stream or a domain shows it. */
function failureText(failure: Failure | undefined): Html | undefined {
  return failure && html` · <strong>${failure.kind}: <bdi>${failure.message}</bdi></strong>`;
}

/** Renders when the first of the collectors succeeded last. If one never did, renders when the config was loaded. */
function lastSuccess(collectors: Collectors, { now, exporter }: StatusView, words: Words): Html | undefined {
  const times = collectors.map(({ last_success_at: at }) => at);
  if (times.includes(null)) return sinceLoaded(exporter, now, words);
  const [oldest] = collectors.toSorted(
    (a, b) => Number(b.last_success_age_seconds) - Number(a.last_success_age_seconds),
  );
  if (oldest === undefined || oldest.last_success_at === null) return undefined;
  const age = ageText(Number(oldest.last_success_age_seconds), words);
  return html` ${words.since} ${time(oldest.last_success_at, now)} · ${words.lastSuccessWas(age)}`;
}

/** Renders since when nothing is known of a domain, which is the end of the last successful window. */
function domainSince(
  { watermark_at: at, watermark_age_seconds: age }: DomainView,
  { now, exporter }: StatusView,
  words: Words,
): Html {
  if (at === null || age === null) return sinceLoaded(exporter, now, words);
  return html` ${words.since} ${time(at, now)} · <strong>${ageText(age, words)}</strong>`;
}

function sinceLoaded(
  { config_loaded_at: loadedAt, started_at: startedAt }: StatusView['exporter'],
  now: string,
  words: Words,
): Html {
  const age = noAnswerAge(loadedAt, startedAt, now, words);
  return html` ${words.sinceLoaded} ${time(loadedAt, now)} · <strong>${age}</strong>`;
}
