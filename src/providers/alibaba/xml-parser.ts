import type { InSlices } from '../../model/slices.ts';

/**
 * Content of elements by name. Elements with the same name are a list. A class, because V8 begins to create objects of
 * a literal in its old generation once many of them have survived, as the rows of a long list do. The rows of all later
 * responses, and everything that they refer to, would then stay in memory until the next marking, and the collections
 * of the young generation would copy their texts, in 20 to 40 ms for 20,000 streams.
 */
class Fields {
  [name: string]: unknown;
}

/** Element whose end was not read yet. */
class Element {
  readonly name: string;
  /** Elements in the element; undefined without any. */
  fields: Fields | undefined;
  /** Text of the element, decoded. */
  text = '';

  constructor(name: string, fields?: Fields) {
    this.name = name;
    this.fields = fields;
  }
}

/** Key of the text of an element that also contains elements. */
const textKey = '#text';
/** Maximum depth of nested elements. Responses have a depth of five. */
const maxDepth = 100;
const simpleName = /^[A-Za-z]\w*$/;
/** Number of characters that are parsed without reading the clock, in about 20 us. */
const stepLength = 1_024;

const slash = '/'.charCodeAt(0);
const greater = '>'.charCodeAt(0);
const exclamation = '!'.charCodeAt(0);
const question = '?'.charCodeAt(0);

/**
 * Parses an XML document. Returns the root elements by name; undefined if the document is invalid or has a
 * DOCTYPE, which could define entities that expand to a huge text. The content of an element is its trimmed
 * text, or an object if it contains elements. Attributes, comments and processing instructions are skipped.
 * This parser knows only what responses contain, and is therefore ten times as fast as a general one: a
 * response of 1 MiB must not block the event loop for more than 10 ms.
 */
export function parseXml(text: string): Fields | undefined {
  const parser = createParser(text);
  parser.readTo(text.length);
  return parser.result();
}

/** Like `parseXml`, but parses in slices of the event loop. For a list, which can have several MiB. */
export async function parseXmlInSlices(text: string, inSlices: InSlices): Promise<Fields | undefined> {
  const parser = createParser(text);
  await inSlices(stepsTo(text.length), parser.readTo);
  return parser.result();
}

/** Returns the positions in a text at which the parser can pause. */
function* stepsTo(length: number): Generator<number> {
  for (let at = stepLength; at < length; at += stepLength) yield at;
  yield length;
}

/** Creates a parser that can pause after each tag. */
function createParser(text: string) {
  const document = new Element('', new Fields());
  const ancestors: Element[] = [];
  let current = document;
  let at = 0;
  let isInvalid = false;
  /** Whether no tag is left. */
  let isOver = false;

  /** Parses the tag at `start`. Returns the position after it; undefined if it is invalid. */
  function readTag(start: number): number | undefined {
    const kind = text.charCodeAt(start + 1);
    if (kind === exclamation || kind === question) {
      const markup = readMarkup(text, start);
      if (markup === undefined) return undefined;
      current.text += markup.text;
      return markup.end;
    }
    if (kind === slash) {
      const end = endOfEndTag(text, start, current.name);
      const parent = ancestors.pop();
      if (end === undefined || parent === undefined) return undefined;
      addField(parent, current.name, contentOf(current));
      current = parent;
      return end + 1;
    }
    const tag = readStartTag(text, start);
    if (tag === undefined || ancestors.length === maxDepth) return undefined;
    const { name, isEmpty, end } = tag;
    if (isEmpty) {
      addField(current, name, '');
      return end + 1;
    }
    ancestors.push(current);
    current = new Element(name);
    return end + 1;
  }

  return {
    /** Parses tags, and the texts before them, at least up to the position `end`. */
    readTo(end: number): void {
      while (at < end && !isOver) {
        const start = text.indexOf('<', at);
        isOver = start === -1;
        if (isOver) return;
        if (start > at) current.text += decode(copyOf(text.slice(at, start)));
        const next = readTag(start);
        isInvalid = next === undefined;
        isOver = isInvalid;
        at = next ?? at;
      }
    },
    /** Returns the root elements after the whole text was parsed; undefined if the document is invalid. */
    result(): Fields | undefined {
      const isComplete = !isInvalid && current === document && (document.text + text.slice(at)).trim() === '';
      return isComplete ? document.fields : undefined;
    },
  };
}

/** Returns the position of the `>` that ends an end tag; undefined if it is not that of the element `name`. */
function endOfEndTag(text: string, start: number, name: string): number | undefined {
  if (!text.startsWith(name, start + 2)) return undefined;
  const nameEnd = start + 2 + name.length;
  if (text.charCodeAt(nameEnd) === greater) return nameEnd;
  const end = text.indexOf('>', nameEnd);
  return end !== -1 && text.slice(nameEnd, end).trim() === '' ? end : undefined;
}

/**
 * Reads a start tag or the tag of an empty element. Returns its name and the position of the `>` that ends it; undefined
 * if it is invalid.
 */
function readStartTag(
  text: string,
  start: number,
): { readonly name: string; readonly isEmpty: boolean; readonly end: number } | undefined {
  const first = text.indexOf('>', start);
  if (first === -1) return undefined;
  // In nearly all tags, a name precedes the first `>`.
  const simple = text.slice(start + 1, first);
  if (simpleName.test(simple)) return { name: simple, isEmpty: false, end: first };
  const end = tagEnd(text, start);
  if (end === undefined) return undefined;
  const isEmpty = text.charCodeAt(end - 1) === slash;
  const name = nameOf(text.slice(start + 1, isEmpty ? end - 1 : end));
  return name === undefined ? undefined : { name, isEmpty, end };
}

/** Returns the position of the `>` that ends a tag; undefined without one. Attributes can contain a `>`. */
function tagEnd(text: string, start: number): number | undefined {
  const special = /["'<>]/g;
  special.lastIndex = start + 1;
  for (;;) {
    const char = special.exec(text)?.[0];
    if (char === '>') return special.lastIndex - 1;
    if (char === undefined || char === '<') return undefined;
    const closing = text.indexOf(char, special.lastIndex);
    if (closing === -1) return undefined;
    special.lastIndex = closing + 1;
  }
}

/**
 * Returns the name in a start tag, without its attributes; undefined if it is no name or if it is special.
 */
function nameOf(tag: string): string | undefined {
  const name = /^([\p{L}_][\p{L}\p{N}_.:-]*)(?:\s|$)/u.exec(tag)?.[1];
  return name === '__proto__' ? undefined : name;
}

const cdata = ['<![CDATA[', ']]>'] as const;
/** Opening and closing text of markup that is no tag. */
const markups = [cdata, ['<!--', '-->'], ['<?', '?>']] as const;

/**
 * Reads a comment, CDATA section or processing instruction. Returns its text and the position after it;
 * undefined for anything else.
 */
function readMarkup(
  text: string,
  start: number,
): { readonly text: string; readonly end: number } | undefined {
  const markup = markups.find(([opening]) => text.startsWith(opening, start));
  if (markup === undefined) return undefined;
  const [opening, closing] = markup;
  const from = start + opening.length;
  const to = text.indexOf(closing, from);
  if (to === -1) return undefined;
  return { text: markup === cdata ? copyOf(text.slice(from, to)) : '', end: to + closing.length };
}

function addField(parent: Element, name: string, content: unknown): void {
  parent.fields ??= new Fields();
  const { fields } = parent;
  if (!Object.hasOwn(fields, name)) {
    fields[name] = content;
    return;
  }
  const known = fields[name];
  if (Array.isArray(known)) known.push(content);
  // No literal, for the same reason as in `Fields`.
  else fields[name] = Array.of(known, content);
}

function contentOf({ fields, text }: Element): unknown {
  const trimmed = text.trim();
  if (fields === undefined) return trimmed;
  return trimmed === '' ? fields : { ...fields, [textKey]: trimmed };
}

/**
 * Copies a part of the document. V8 stores a part of 13 or more characters as a reference to the whole text, so a name
 * that stays in memory for days would keep a response of up to 4 MiB.
 */
function copyOf(part: string): string {
  return part.length < 13 ? part : ` ${part}`.slice(1);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Decodes character references and the entities of XML. Others stay as they are. */
function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
    (reference, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? reference;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0x10_ffff ? reference : String.fromCodePoint(code);
    },
  );
}
