/** Content of elements by name. Elements with the same name are a list. */
interface Fields {
  [name: string]: unknown;
}

/** Element whose end was not read yet. */
interface Element {
  readonly name: string;
  /** Elements in the element; undefined without any. */
  fields: Fields | undefined;
  /** Text of the element, decoded. */
  text: string;
}

/** Key of the text of an element that also contains elements. */
const textKey = '#text';
/** Maximum depth of nested elements. Responses have a depth of five. */
const maxDepth = 100;

const slash = '/'.charCodeAt(0);
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
  const document: Element = { name: '', fields: {}, text: '' };
  const ancestors: Element[] = [];
  let current = document;
  let at = 0;
  for (let start = text.indexOf('<'); start !== -1; start = text.indexOf('<', at)) {
    if (start > at) current.text += decode(text.slice(at, start));
    const kind = text.charCodeAt(start + 1);
    if (kind === exclamation || kind === question) {
      const markup = readMarkup(text, start);
      if (markup === undefined) return undefined;
      current.text += markup.text;
      at = markup.end;
      continue;
    }
    const end = tagEnd(text, start);
    if (end === undefined) return undefined;
    at = end + 1;
    if (kind === slash) {
      const parent = ancestors.pop();
      if (parent === undefined || text.slice(start + 2, end).trimEnd() !== current.name) return undefined;
      addField(parent, current.name, contentOf(current));
      current = parent;
      continue;
    }
    const isEmpty = text.charCodeAt(end - 1) === slash;
    const name = nameOf(text.slice(start + 1, isEmpty ? end - 1 : end));
    if (name === undefined || ancestors.length === maxDepth) return undefined;
    if (isEmpty) {
      addField(current, name, '');
      continue;
    }
    ancestors.push(current);
    current = { name, fields: undefined, text: '' };
  }
  const isComplete = current === document && (document.text + text.slice(at)).trim() === '';
  return isComplete ? document.fields : undefined;
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
  if (/^[A-Za-z]\w*$/.test(tag)) return tag;
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
  return { text: markup === cdata ? text.slice(from, to) : '', end: to + closing.length };
}

function addField(parent: Element, name: string, content: unknown): void {
  parent.fields ??= {};
  const { fields } = parent;
  if (!Object.hasOwn(fields, name)) {
    fields[name] = content;
    return;
  }
  const known = fields[name];
  if (Array.isArray(known)) known.push(content);
  else fields[name] = [known, content];
}

function contentOf({ fields, text }: Element): unknown {
  const trimmed = text.trim();
  if (fields === undefined) return trimmed;
  return trimmed === '' ? fields : { ...fields, [textKey]: trimmed };
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
