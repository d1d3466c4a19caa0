import { type EpochMs, secondMs } from './time.ts';

/** Header values of an HTTP response by lower-case name. */
type Headers = Readonly<Record<string, string>>;

/**
 * Parses an HTTP date to epoch ms. Returns undefined if the text has none of the three forms of RFC 9110,
 * section 5.6.7: IMF-fixdate, and the obsolete forms of RFC 850 and `asctime`. An HTTP date is always UTC,
 * whatever the time zone of the process. `now` determines the century of the two-digit year of RFC 850.
 */
export function parseHttpDate(text: string | undefined, now: EpochMs): EpochMs | undefined {
  if (text === undefined) return undefined;
  return parseImfFixdate(text) ?? parseImfFixdate(toImfFixdate(text, now));
}

function parseImfFixdate(text: string): EpochMs | undefined {
  const at = Date.parse(text);
  // Compare the formatted result with the input: Date.parse also accepts texts that are not HTTP dates, such
  // as `-5`, and interprets a text without a zone as local time.
  return !Number.isNaN(at) && new Date(at).toUTCString() === text ? at : undefined;
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Converts the obsolete forms of an HTTP date to an IMF-fixdate; any other text to an empty text. */
function toImfFixdate(text: string, now: EpochMs): string {
  const rfc850 = /^(\w+), (\d\d)-(\w{3})-(\d\d) (\S+) GMT$/.exec(text);
  if (rfc850 !== null) {
    const [, weekday = '', day, month, year, time] = rfc850;
    const shortWeekday = weekdays.includes(weekday) ? weekday.slice(0, 3) : '';
    return `${shortWeekday}, ${day} ${month} ${toFullYear(Number(year), now)} ${time} GMT`;
  }
  const asctime = /^(\w{3}) (\w{3}) ([ \d]\d) (\S+) (\d{4})$/.exec(text);
  if (asctime === null) return '';
  const [, weekday, month, day = '', time, year] = asctime;
  return `${weekday}, ${day.replace(' ', '0')} ${month} ${year} ${time} GMT`;
}

/** Returns the latest year with these last two digits that is at most 50 years after `now`. */
function toFullYear(lastDigits: number, now: EpochMs): number {
  const latest = new Date(now).getUTCFullYear() + 50;
  return latest - ((latest - lastDigits) % 100);
}

/**
 * Returns how long ago the response was generated, in ms, according to the HTTP cache that sent it. Returns 0
 * if the response comes from the provider itself, or if the header `Age` is invalid. Source: RFC 9111,
 * section 5.1: whole seconds; of a list, the first value counts.
 */
export function readAgeMs({ age }: Headers): number {
  if (age === undefined) return 0;
  const seconds = /^\s*(\d+)\s*(?:,|$)/.exec(age)?.[1];
  return Number(seconds ?? 0) * secondMs;
}

/**
 * Returns the clock skew of a response in ms, local clock minus provider clock, from its `Date`. The absolute
 * value is a lower bound. `sentAt` and `receivedAt` are the wall times of request and response. Returns
 * undefined without a readable `Date`.
 */
export function clockSkewMs(headers: Headers, sentAt: EpochMs, receivedAt: EpochMs): number | undefined {
  const date = parseHttpDate(headers.date, receivedAt);
  if (date === undefined) return undefined;
  // The provider set `Date` between request and response, so latency is not skew. A cache sends the `Date` of
  // the stored response, or its own time: then the current time is between `Date` and `Date` plus `Age`.
  return Math.max(sentAt - date - readAgeMs(headers), Math.min(0, receivedAt - date));
}
