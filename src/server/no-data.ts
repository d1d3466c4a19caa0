import type { Failure, Overview } from '../status/overview.ts';
import type { StatusView } from '../status/view.ts';
import { type Html, html } from './html.ts';
import { icon } from './icon.ts';
import { isLate } from './internals.ts';
import { ageText, countText, secondsBetween, time } from './quantity.ts';
import type { Words } from './words.ts';

type Collectors = StatusView['collectors'];
type Causes = Pick<Overview, 'status' | 'failures'>;

/** Number of accounts without data that the banner names. */
const maxAccounts = 5;

/** Number of collectors without data that the headline names. */
const maxInHeadline = 3;

/** Accounts whose streams have no data at all, for which the banner has the reason. */
export function blindAccounts({ status: { collectors }, failures }: Causes): ReadonlySet<string> {
  return new Set(
    collectors.filter((each) => isLate(each) && failures.has(each.account)).map(({ account }) => account),
  );
}

/** Returns what the headline says if collectors get no data; undefined if all do. */
export function noDataText(collectors: Collectors, words: Words): string | undefined {
  const late = collectors.filter(isLate);
  if (late.length === 0) return undefined;
  const names = namesOf(late.slice(0, maxInHeadline));
  const others = late.length - maxInHeadline;
  return words.collectorsFailing(
    others > 0 ? `${names} ${words.andOthers(countText(others, words))}` : names,
  );
}

/**
 * Renders a line for each account whose collectors get no data: since when, and why. `causes` are the lines of accounts
 * with unknown streams, of which they are the cause.
 */
export function noDataItems({ status, failures }: Causes, words: Words) {
  const late = status.collectors.filter(isLate);
  const accounts = [...new Set(late.map(({ account }) => account))];
  const shown = accounts.slice(0, maxAccounts);
  const itemOf = (account: string) => {
    const own = late.filter((each) => each.account === account);
    const failure = failures.get(account) ?? domainFailure(own, status);
    return html`<li>${icon('alarm')}<span><a href="#internals">${words.collectorsFailing(namesOf(own))}</a>${lastSuccess(own, status, words)}${failureText(failure)}</span></li>`;
  };
  const [causes = [], others = []] = [true, false].map((isCause) =>
    shown.filter((account) => failures.has(account) === isCause).map(itemOf),
  );
  const more = accounts.length - shown.length;
  const moreItem = html`<li>${icon('alarm')}<span><a href="#internals">${words.andOthers(countText(more, words))}</a></span></li>`;
  return { causes, others: more > 0 ? [...others, moreItem] : others };
}

function namesOf(collectors: Collectors): string {
  return collectors.map(({ account, collector }) => `${account}/${collector}`).join(', ');
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
  if (times.includes(null)) {
    const { config_loaded_at: loadedAt } = exporter;
    const age = ageText(secondsBetween(loadedAt, now), words);
    return html` ${words.sinceLoaded} ${time(loadedAt, now)} · <strong>${age}</strong>`;
  }
  const [oldest] = collectors.toSorted(
    (a, b) => Number(b.last_success_age_seconds) - Number(a.last_success_age_seconds),
  );
  if (oldest === undefined || oldest.last_success_at === null) return undefined;
  const age = ageText(Number(oldest.last_success_age_seconds), words);
  return html` ${words.since} ${time(oldest.last_success_at, now)} · ${words.lastSuccessWas(age)}`;
}
