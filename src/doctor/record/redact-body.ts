import type { Pseudonyms } from './pseudonyms.ts';
import { redactField, redactNumber, redactText, redactValue } from './redact-value.ts';

/**
 * Returns the body of a response as it is saved. The format, the order of fields and the form of numbers
 * stay, also in a truncated body. Names, addresses, IDs and unknown words are replaced.
 */
export function redactBody(text: string, pseudonyms: Pseudonyms): string {
  const start = text.trimStart();
  if (start.startsWith('{') || start.startsWith('[')) return redactJson(text, '', pseudonyms);
  return start.startsWith('<') ? redactXml(text, pseudonyms) : redactText(text, pseudonyms);
}

const jsonToken =
  /(?<space>\s+)|(?<string>"[^"\\]*(?:\\.[^"\\]*)*")|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>true|false|null)|(?<open>[{[])|(?<close>[}\]])|(?<mark>[,:])/y;

/** Redacts JSON token by token. `field` is the name of the field that contains the text, if it is in one. */
function redactJson(text: string, field: string, pseudonyms: Pseudonyms): string {
  let result = '';
  let at = 0;
  let current = field;
  const outer: string[] = [];
  while (at < text.length) {
    jsonToken.lastIndex = at;
    const match = jsonToken.exec(text);
    if (match === null) return result + redactRest(text.slice(at), pseudonyms);
    const [token] = match;
    const groups = match.groups ?? {};
    at += token.length;
    if (groups.open !== undefined) outer.push(current);
    if (groups.close !== undefined) current = outer.pop() ?? field;
    if (groups.string !== undefined) {
      const value = parseString(token);
      if (value === undefined) result += JSON.stringify(redactText(token.slice(1, -1), pseudonyms));
      else if (/^\s*:/.test(text.slice(at, at + 50))) {
        current = value;
        result += JSON.stringify(redactField(value, pseudonyms));
      } else result += JSON.stringify(redactString(current, value, pseudonyms));
    } else if (groups.number !== undefined) result += redactNumber(current, token, pseudonyms);
    else result += token;
  }
  return result;
}

/**
 * Redacts the rest of a text that is no JSON from here on, such as a text that a truncated response ends in.
 */
function redactRest(rest: string, pseudonyms: Pseudonyms): string {
  // A part of a name or address cannot be recognized.
  return rest.startsWith('"') ? `"${pseudonyms.of('text', rest)}` : redactText(rest, pseudonyms);
}

function parseString(token: string): string | undefined {
  try {
    return String(JSON.parse(token));
  } catch {
    return undefined;
  }
}

/** Some APIs send JSON within a text. */
function redactString(field: string, value: string, pseudonyms: Pseudonyms): string {
  return /^\s*[{[].*[}\]]\s*$/s.test(value)
    ? redactJson(value, field, pseudonyms)
    : redactValue(field, value, pseudonyms);
}

const xmlToken = /<!--[\s\S]*?-->|<!\[CDATA\[(?<raw>[\s\S]*?)\]\]>|<(?<tag>[^>]*)>|(?<text>[^<]+)/y;

/** Redacts XML and HTML token by token. Comments and attributes are left out. */
function redactXml(text: string, pseudonyms: Pseudonyms): string {
  let result = '';
  let at = 0;
  const outer: string[] = [];
  while (at < text.length) {
    xmlToken.lastIndex = at;
    const match = xmlToken.exec(text);
    if (match === null) return result + redactText(text.slice(at), pseudonyms);
    at += match[0].length;
    const { raw, tag, text: content } = match.groups ?? {};
    const field = outer.at(-1) ?? '';
    if (raw !== undefined) result += `<![CDATA[${redactValue(field, raw, pseudonyms)}]]>`;
    else if (content !== undefined) result += redactXmlText(field, content, pseudonyms);
    else if (tag !== undefined) result += redactTag(tag, outer, pseudonyms);
  }
  return result;
}

const declaration = /^\?xml version="1\.[01]"( encoding="[\w-]+")?\s*\?$|^!doctype html$/i;

function redactTag(tag: string, outer: string[], pseudonyms: Pseudonyms): string {
  if (declaration.test(tag)) return `<${tag}>`;
  const [, slash = '', name = '', end = ''] = /^(\/?)([\p{L}\p{N}_:.-]+)[\s\S]*?(\/?)$/u.exec(tag) ?? [];
  if (name === '') return '';
  if (slash !== '') outer.pop();
  else if (end === '') outer.push(name);
  return `<${slash}${redactField(name, pseudonyms)}${end}>`;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function redactXmlText(field: string, content: string, pseudonyms: Pseudonyms): string {
  const decoded = content.replaceAll(
    /&(?:#x([\dA-Fa-f]{1,6})|#(\d{1,7})|(\w+));/g,
    (found, hex, decimal, name) => {
      if (name !== undefined) return entities[name] ?? found;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10_ffff ? String.fromCodePoint(code) : found;
    },
  );
  const space = /^\s*/.exec(decoded)?.[0] ?? '';
  const end = decoded.slice(space.length + decoded.trim().length);
  const redacted = redactValue(field, decoded.trim(), pseudonyms);
  const encoded = redacted.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `${space}${encoded}${end}`;
}
