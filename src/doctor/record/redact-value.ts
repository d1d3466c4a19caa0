import { isIP } from 'node:net';
import { fieldKindOf } from './field-kind.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { isKnownWord } from './vocabulary.ts';

/** What a secret is replaced with. */
const hidden = 'redacted';

/**
 * Returns the name of a field as it is saved. A name that is not made of known words can be the name of a
 * stream.
 */
export function redactField(name: string, pseudonyms: Pseudonyms): string {
  const isKnown = name.split('.').every((part) => part.length === 1 || isKnownWord(part));
  return name === '' || isKnown ? name : pseudonyms.of('field', name);
}

/** Returns a text as it is saved. `field` is the name of the field that contains it. */
export function redactValue(field: string, value: string, pseudonyms: Pseudonyms): string {
  if (value.trim() === '' || value === '-') return value;
  const kind = fieldKindOf(field);
  switch (kind) {
    case 'stream':
      return redactStream(value, pseudonyms);
    case 'app':
      return redactApp(value, pseudonyms);
    case 'domain':
    case 'push_domain':
      return redactHost(value, kind, pseudonyms);
    case 'url':
      if (/^\w+:\/\//.test(value)) return redactUrl(value, pseudonyms);
      return /^[^/\s]+\/[^/]*\/./.test(value)
        ? redactStream(value, pseudonyms)
        : redactText(value, pseudonyms);
    case 'id':
      return pseudonyms.of('id', value);
    case 'secret':
      return hidden;
    case 'code':
      return /^[A-Za-z]{1,60}(\.[A-Za-z]{1,60})*$/.test(value) ? value : redactText(value, pseudonyms);
    case 'text':
      return redactText(value, pseudonyms);
    case 'value':
      return /^-?\d+(\.\d+)?$/.test(value)
        ? redactNumber(field, value, pseudonyms)
        : redactText(value, pseudonyms);
    default:
      return kind satisfies never;
  }
}

/** Maximum number of digits of a number in a text that identifies nobody. */
const maxTextDigits = 6;

/** Maximum number of digits of a value, such as a bit rate. A phone number has eleven, most accounts more. */
const maxValueDigits = 10;

/**
 * Returns a number as it is saved. The values of known fields, such as bit rates, stay unless they are IDs.
 */
export function redactNumber(field: string, value: string, pseudonyms: Pseudonyms): string {
  const kind = fieldKindOf(field);
  if (kind === 'secret') return '0';
  if (['id', 'stream', 'app'].includes(kind)) return pseudonyms.of('id', value);
  const isValue = kind === 'value' && isKnownWord(field);
  return redactDigits(value, isValue ? maxValueDigits : maxTextDigits, pseudonyms);
}

/** Returns a number as it is saved. A time in seconds or milliseconds can have more than `maxDigits`. */
function redactDigits(value: string, maxDigits: number, pseudonyms: Pseudonyms): string {
  const digits = /^-?(\d+)/.exec(value)?.[1] ?? '';
  const isTime = /^(1[5-9]|2[01])(\d{8}|\d{11})$/.test(digits);
  return digits.length <= maxDigits || isTime ? value : pseudonyms.of('id', value);
}

/** A name such as `domain/app/stream`, or only that of the stream. */
function redactStream(value: string, pseudonyms: Pseudonyms): string {
  const [domain = '', app = '', ...stream] = value.split('/');
  if (stream.length === 0) return pseudonyms.of('stream', value);
  const parts = [
    redactHost(domain, 'domain', pseudonyms),
    redactApp(app, pseudonyms),
    pseudonyms.of('stream', stream.join('/')),
  ];
  return parts.join('/');
}

/** The default application identifies nobody. */
function redactApp(value: string, pseudonyms: Pseudonyms): string {
  return value === '' || value.toLowerCase() === 'live' ? value : pseudonyms.of('app', value);
}

function redactHost(value: string, kind: 'domain' | 'push_domain', pseudonyms: Pseudonyms): string {
  const [, host = value, port = ''] = /^(.*?)(:\d+)?$/.exec(value) ?? [];
  if (host === '') return value;
  return isIP(host) === 0
    ? `${pseudonyms.of(kind, host)}${port}`
    : `${pseudonyms.of('address', host)}${port}`;
}

function redactUrl(value: string, pseudonyms: Pseudonyms): string {
  const [, scheme = '', host = '', path = '', query] =
    /^(\w+:\/\/)([^/?#]*)([^?#]*)(?:\?(.*))?/s.exec(value) ?? [];
  const user = host.includes('@') ? `${hidden}@` : '';
  const bare = host.slice(host.lastIndexOf('@') + 1);
  const parameters = query?.split('&').map((pair) => {
    const [name = '', ...rest] = pair.split('=');
    const text = rest.join('=');
    return `${redactField(name, pseudonyms)}=${isKnownWord(name) ? redactValue(name, text, pseudonyms) : hidden}`;
  });
  const end = parameters === undefined ? '' : `?${parameters.join('&')}`;
  return `${scheme}${user}${redactHost(bare, 'domain', pseudonyms)}${redactPath(path, pseudonyms)}${end}`;
}

/** Returns the path of a URL. Two or more segments are the application and the stream. */
function redactPath(path: string, pseudonyms: Pseudonyms): string {
  const [, app = '', ...stream] = path.split('/');
  if (app === '' || stream.length === 0) return redactText(path, pseudonyms);
  const name = stream.join('/');
  return `/${redactApp(app, pseudonyms)}/${name === '' ? '' : pseudonyms.of('stream', name)}`;
}

/**
 * Parts of a text that are recognized, in this order. Everything else is punctuation, which stays. No part
 * can match a long text in different ways, so that an unusual response does not take long.
 */
const parts = new RegExp(
  [
    String.raw`(?<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)(?![\p{L}\p{N}])`,
    String.raw`(?<url>[A-Za-z]\w{1,9}:\/\/[^\s"'<>]+)`,
    String.raw`(?<size>\d{2,5}[x*]\d{2,5})(?![\p{L}\p{N}])`,
    String.raw`(?<address>[\dA-Fa-f]{0,4}(?::[\dA-Fa-f]{0,4}){2,7}(?![\p{L}\p{N}]))`,
    String.raw`[\p{L}\p{N}_]+(?:[.-][\p{L}\p{N}_]+)*`,
  ].join('|'),
  'gu',
);

/** Returns a free text as it is saved: known words, times, sizes and short numbers stay. */
export function redactText(value: string, pseudonyms: Pseudonyms): string {
  return value.replaceAll(parts, (found, ...rest) => {
    // The cast is safe: the last argument is the object of the named groups.
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    if (groups.time !== undefined || groups.size !== undefined) return found;
    if (groups.url !== undefined) return redactUrl(found, pseudonyms);
    if (isIP(found) !== 0) return pseudonyms.of('address', found);
    if (groups.address !== undefined) return redactTimeOfDay(found, pseudonyms);
    return redactWord(found, pseudonyms);
  });
}

/**
 * Hides a text of hexadecimal digits and colons, such as a hardware address, unless it is a time such as
 * 12:00:00.
 */
function redactTimeOfDay(text: string, pseudonyms: Pseudonyms): string {
  return /^\d{0,2}(:\d{0,2}){2}$/.test(text) ? text : pseudonyms.of('id', text);
}

/**
 * Returns a word, a number, or several with dots and hyphens between them, such as a domain, as it is saved.
 */
function redactWord(found: string, pseudonyms: Pseudonyms): string {
  if (/^\d+(\.\d+)?$/.test(found)) return redactDigits(found, maxTextDigits, pseudonyms);
  const words = found.split(/[.-]/);
  if (words.every(isKnownWord)) return found;
  if (words.every((word) => /^\d+$/.test(word))) return pseudonyms.of('id', found);
  return pseudonyms.of(/\.\p{L}+$/u.test(found) ? 'domain' : 'text', found);
}
