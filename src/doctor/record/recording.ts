import { isIPv6 } from 'node:net';
import type { Exchange } from '../../calls/exchanges.ts';
import { createPseudonyms, isPseudonym, type Pseudonyms } from './pseudonyms.ts';
import { redactBody } from './redact-body.ts';
import { redactField, redactNumber, redactValue } from './redact-value.ts';
import { isCommonName } from './vocabulary.ts';

/** Version of the format of recordings. */
const version = 1;

/** Response that can be saved, with its request. It contains no secret, no name and no address. */
export interface Recording {
  readonly recording: number;
  readonly provider: string;
  readonly operation: string;
  /** Parameters of the request, without those that the signature adds. */
  readonly query: Readonly<Record<string, string | number>>;
  readonly sent_at: string;
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly text: string;
  };
}

/**
 * Names of an account, which have the same replacements in all recordings of a run, in the order of the
 * config.
 */
export interface RecordedNames {
  readonly streams: readonly string[];
  readonly apps: readonly string[];
  readonly domains: readonly string[];
}

/** Creates the replacements for a run. */
export function pseudonymsFor({ streams, apps, domains }: RecordedNames): Pseudonyms {
  const pseudonyms = createPseudonyms();
  for (const name of domains) pseudonyms.of('domain', name);
  for (const name of streams) pseudonyms.of('stream', name);
  for (const name of apps) if (name.toLowerCase() !== 'live') pseudonyms.of('app', name);
  return pseudonyms;
}

/** Headers that readers use, each with the form of a value that identifies nobody. */
const headers: Readonly<Record<string, RegExp>> = {
  date: /^[A-Za-z0-9 ,:-]{1,60}$/,
  age: /^\d{1,9}$/,
  'content-type': /^[\w/+.-]{1,60}(; ?charset=[\w-]{1,20})?$/,
  'retry-after': /^[A-Za-z0-9 ,:-]{1,60}$/,
  'x-acs-retry-after': /^\d{1,9}$/,
};

/** Returns the recording of an exchange. */
export function toRecording(
  provider: string,
  { operation, query, response, sentAt }: Exchange,
  pseudonyms: Pseudonyms,
): Recording {
  const kept = Object.entries(headers).flatMap(([name, form]) => {
    const value = response.headers[name];
    return value !== undefined && form.test(value) ? [[name, value] as const] : [];
  });
  return {
    recording: version,
    provider,
    operation,
    query: Object.fromEntries(
      Object.entries(query).map(([name, value]) => [
        redactField(name, pseudonyms),
        typeof value === 'string'
          ? redactValue(name, value, pseudonyms)
          : Number(redactNumber(name, String(value), pseudonyms)),
      ]),
    ),
    sent_at: new Date(sentAt).toISOString(),
    response: {
      status: response.status,
      headers: Object.fromEntries(kept),
      text: redactBody(response.text, pseudonyms),
    },
  };
}

/** Minimum length of a name that is searched: a shorter one occurs in other words. */
const minLength = 4;

/**
 * Returns the texts that must not be in a recording: secrets, and names that are neither made of known words
 * nor like their replacements. A number is searched only if it has at least six digits.
 */
export function forbiddenTexts(secrets: Iterable<string>, names: RecordedNames): readonly string[] {
  const all = [...names.streams, ...names.apps, ...names.domains];
  const isTelling = (name: string) =>
    name.length >= minLength &&
    !isCommonName(name) &&
    !isPseudonym(name) &&
    (!/^\d+$/.test(name) || name.length >= 6);
  return [...new Set([...secrets, ...all.filter(isTelling)])].filter((text) => text !== '');
}

const publicV4 = /(?<![\d.])(?!192\.0\.2\.|198\.1[89]\.)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])/;

/**
 * Reports whether the text of a recording contains a forbidden text, in upper or lower case, or an address.
 * It cannot unless the redaction has a bug; then the recording must not be saved.
 */
export function leaks(text: string, forbidden: readonly string[]): boolean {
  const lowerCase = text.toLowerCase();
  return (
    publicV4.test(text) ||
    lowerCase.match(/[\da-f:]{3,}/g)?.some(isPublicV6) === true ||
    forbidden.some((each) => lowerCase.includes(each.toLowerCase()))
  );
}

/** Reports whether a text is an address other than those that replace addresses. */
function isPublicV6(text: string): boolean {
  return isIPv6(text) && !text.startsWith('2001:db8:');
}
