/** Why a text is no JSON, and at which character. */
export interface JsonSyntaxError {
  readonly offset: number;
  readonly text: string;
}

/** What may come next. */
type Expected = 'value' | 'item or ]' | 'key' | 'key or }' | 'colon' | 'comma or ]' | 'comma or }' | 'end';

const sentences: Readonly<Record<Expected, string>> = {
  value: 'expected a value: texts stand in double quotes, and no comma before a closing bracket',
  'item or ]': 'expected a value, or the end of the list: texts stand in double quotes',
  key: 'expected a key in double quotes: no comma stands before a closing bracket',
  'key or }': 'expected a key in double quotes, or the end of the mapping',
  colon: 'expected a colon after the key',
  'comma or ]': 'expected a comma, or the end of the list',
  'comma or }': 'expected a comma, or the end of the mapping',
  end: 'expected nothing more',
};

/** What a piece of the text is, by its first character; a number or a word is a value. */
type Kind = 'text' | 'value' | '{' | '}' | '[' | ']' | ':' | ',';

/** The first place where a text is no JSON; undefined where there is none. Never shows what stands there. */
export function jsonSyntaxError(text: string): JsonSyntaxError | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  for (let at = skipSpace(text, 0); ; ) {
    const chunk = pieceAt(text, at);
    const next: Expected | undefined =
      chunk === undefined ? undefined : follow(expected, kindOf(chunk), open);
    if (chunk === undefined || next === undefined) {
      if (at >= text.length && expected === 'end') return undefined;
      return { offset: at, text: `no JSON, which a file named .json has to be: ${sentences[expected]}` };
    }
    expected = next;
    at = skipSpace(text, at + chunk.length);
  }
}

/** What may come after a piece of this kind; undefined where it may not stand here. */
function follow(expected: Expected, kind: Kind, open: ('{' | '[')[]): Expected | undefined {
  const afterValue = (): Expected =>
    open.length === 0 ? 'end' : open.at(-1) === '{' ? 'comma or }' : 'comma or ]';
  const close = (): Expected => {
    open.pop();
    return afterValue();
  };
  switch (expected) {
    case 'item or ]':
      if (kind === ']') return close();
      return follow('value', kind, open);
    case 'value':
      if (kind === 'text' || kind === 'value') return afterValue();
      if (kind !== '{' && kind !== '[') return undefined;
      open.push(kind);
      return kind === '{' ? 'key or }' : 'item or ]';
    case 'key or }':
      if (kind === '}') return close();
      return follow('key', kind, open);
    case 'key':
      return kind === 'text' ? 'colon' : undefined;
    case 'colon':
      return kind === ':' ? 'value' : undefined;
    case 'comma or ]':
      return kind === ',' ? 'value' : kind === ']' ? close() : undefined;
    case 'comma or }':
      return kind === ',' ? 'key' : kind === '}' ? close() : undefined;
    case 'end':
      return undefined;
    default:
      return expected satisfies never;
  }
}

function kindOf(chunk: string): Kind {
  const first = chunk.charAt(0);
  switch (first) {
    case '{':
    case '}':
    case '[':
    case ']':
    case ':':
    case ',':
      return first;
    case '"':
      return 'text';
    default:
      return 'value';
  }
}

function skipSpace(text: string, from: number): number {
  const space = /[ \t\r\n]*/y;
  space.lastIndex = from;
  return from + (space.exec(text)?.[0].length ?? 0);
}

/** As RFC 8259 writes them. */
const numberOrWord = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none of these in a text.
const quotedText = /"[^"\\\0-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\0-\x1f]*)*"/y;

function pieceAt(text: string, at: number): string | undefined {
  const first = text.charAt(at);
  if (first !== '' && '{}[]:,'.includes(first)) return first;
  const pattern = first === '"' ? quotedText : numberOrWord;
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
