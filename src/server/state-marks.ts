import type { StreamState } from '../model/stream-state.ts';
import type { StreamView } from '../status/stream-view.ts';
import { type Html, html } from './html.ts';
import { type IconName, icon, mark } from './icon.ts';
import { ageText, secondsBetween, time } from './quantity.ts';
import type { Words } from './words.ts';

/** Tone (CSS class) and icon of each state. */
export const stateLooks: Readonly<Record<StreamState, { readonly tone: string; readonly icon: IconName }>> = {
  missing: { tone: 'bad', icon: 'alarm' },
  degraded: { tone: 'warn', icon: 'degraded' },
  unknown: { tone: 'unsure', icon: 'unknown' },
  up: { tone: 'good', icon: 'up' },
  not_pushed: { tone: '', icon: 'silent' },
};

/** Renders the name of a state with its icon. */
export function stateMark(state: StreamState, words: Words): Html {
  const look = stateLooks[state];
  return mark(look.tone, look.icon, words.states[state]);
}

export function stateIcon(state: StreamState): Html {
  return icon(stateLooks[state].icon);
}

export type Begin = Pick<StreamView, 'state_since_at' | 'state_age_seconds' | 'state_since_is_exact'>;

/** Time in ms after the begin of a missing stream in which a ban is its cause: the last sample is a bit older. */
const maxBanDelayMs = 60_000;

/**
 * Returns the begin of the state that the page shows. A stream that is missing because it was forbidden, and was not
 * missing before, has the time of the ban.
 */
export function shownBegin(stream: StreamView, now: string): Begin {
  const { state, state_since_at: since, forbidden_since_at: ban } = stream;
  if (state !== 'missing' || since === null || ban === null) return stream;
  const delayMs = Date.parse(ban) - Date.parse(since);
  return delayMs < 0 || delayMs > maxBanDelayMs ? stream : beginAt(ban, now);
}

/** Returns the begin of what began exactly at this time (ISO 8601). */
export function beginAt(at: string, now: string): Begin {
  return { state_since_at: at, state_age_seconds: secondsBetween(at, now), state_since_is_exact: true };
}

/** Formats how long a state lasts; `> 2 h` if it can have begun earlier. Nothing before the first answer. */
export function howLong(stream: Begin, words: Words): string | undefined {
  const { state_age_seconds: age, state_since_is_exact: isExact } = stream;
  return age === null ? undefined : `${isExact ? '' : '>\u00a0'}${ageText(age, words)}`;
}

/**
 * Formats for how long there was no answer, which is known since the config was loaded; `> 2 h` if it was loaded again,
 * because what it names can be older.
 */
export function noAnswerAge(
  loadedAt: string,
  startedAt: string,
  now: string,
  words: Words,
): string | undefined {
  const isFirstConfig = secondsBetween(startedAt, loadedAt) < 60;
  return howLong({ ...beginAt(loadedAt, now), state_since_is_exact: isFirstConfig }, words);
}

/** Renders since when a state lasts; nothing before the first answer. */
export function sinceText(stream: Begin, now: string, words: Words): Html | undefined {
  const { state_since_at: at, state_since_is_exact: isExact } = stream;
  return at === null ? undefined : html`${isExact ? words.since : words.sinceAtLeast} ${time(at, now)}`;
}
