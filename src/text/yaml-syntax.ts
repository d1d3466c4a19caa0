import { Composer, type CST, type ErrorCode, Lexer, type Node, Parser } from 'yaml';
import { controlCharacter, maxDepth } from './scalars.ts';

/** Syntax error in a YAML text. `offset` counts characters from the start of the text. */
export interface SyntaxFault {
  readonly offset: number;
  readonly text: string;
}

/** Parsed YAML text: its root node and its syntax errors. `root` is undefined if the text is empty. */
interface YamlSyntax {
  readonly root: Node | undefined;
  readonly faults: readonly SyntaxFault[];
}

/**
 * Parses one YAML 1.2 document. Stops early if a sample of the text has 100 faults, at a control character,
 * or if the text is nested more deeply or is larger than a valid config. Does not report duplicate keys, bad
 * aliases and bad tags; the caller must check them.
 */
export function parseYamlSyntax(text: string): YamlSyntax {
  const control = text.search(controlCharacter);
  if (control >= 0) {
    return {
      root: undefined,
      faults: [{ offset: control, text: 'control characters are not allowed in YAML' }],
    };
  }
  const { root, faults } = firstFaultySample(text) ?? parse(text);
  const first = faults.toSorted((a, b) => a.offset - b.offset).slice(0, maxFaults);
  const last = first.length === maxFaults ? first.pop() : undefined;
  return { root, faults: last ? [...first, { ...last, text: 'too many errors, parsing stopped' }] : first };
}

/**
 * Parses longer and longer samples from the start of the text. Returns the first sample with 100 faults;
 * undefined if there is none. This saves time and memory for a long text full of faults: the parser needs
 * microseconds per character, reports faults only at the end, and would keep a million of them in memory.
 * Cutting the text at the end of a sample causes at most two faults.
 */
function firstFaultySample(text: string): YamlSyntax | undefined {
  for (let length = sampleLength; length < text.length; length *= sampleGrowth) {
    const sample = parse(text.slice(0, length));
    if (sample.faults.length >= maxFaults) return sample;
  }
  return undefined;
}

export const tagsNotSupported = 'tags are not supported';
const unexpectedText = 'unexpected text';
const noDirectives = 'directives are not supported';

const sampleLength = 16 * 1024;
/**
 * Ratio between the lengths of one sample and of the sample before it. With a ratio of 16, all samples
 * together add a fifteenth to the parsing time of a large text.
 */
const sampleGrowth = 16;
const maxFaults = 100;
/**
 * Maximum number of lexemes (smallest syntax units) in a text. A config with the maximum number of streams
 * needs fewer.
 */
const maxLexemes = 10_000_000;

function parse(text: string): YamlSyntax {
  const faults: SyntaxFault[] = [];
  const composer = new Composer({ uniqueKeys: false, schema: 'core', merge: false });
  const [first, second] = composer.compose(tokens(text, faults), true, text.length);
  for (const { pos, code, message } of [...(first?.errors ?? []), ...(second?.errors ?? [])]) {
    faults.push({ offset: pos[0], text: toFaultText(code, message) });
  }
  if (second !== undefined)
    faults.push({ offset: second.range[0], text: 'only one YAML document is allowed' });
  return { root: first?.contents ?? undefined, faults };
}

/**
 * Yields the tokens of a text and adds its faults to `faults`. Stops at 100 faults, or if the text is nested
 * too deeply or is too large. The parser itself has no such limits.
 */
function* tokens(text: string, faults: SyntaxFault[]): Generator<CST.Token> {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    // Besides one token per nesting level, the stack of the parser contains the document and a scalar.
    const isTooDeep = parser.stack.length > maxDepth + 2;
    if (isTooDeep || ++lexemes > maxLexemes) {
      faults.push({ offset: parser.offset, text: isTooDeep ? 'nested too deeply' : 'file too large' });
      return;
    }
    for (const token of parser.next(lexeme)) {
      if (faults.length >= maxFaults) return;
      if (token.type === 'error') faults.push({ offset: token.offset, text: unexpectedText });
      else if (token.type === 'directive') faults.push({ offset: token.offset, text: noDirectives });
      // Drop comments and newlines: they would be needed only to write the document back.
      else if (token.type !== 'comment' && token.type !== 'newline') yield token;
    }
  }
  yield* parser.end();
}

/**
 * Messages for errors whose message from the library says too little or quotes the text, which can contain a
 * secret.
 */
const faultTexts: Partial<Record<ErrorCode, string>> = {
  BLOCK_AS_IMPLICIT_KEY:
    'unexpected key inside a value; quote the value or check the indentation of the next line',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line; check the indentation of the next line',
  UNEXPECTED_TOKEN: unexpectedText,
  BAD_DQ_ESCAPE: 'unknown escape after \\ in double quotes; use single quotes for a literal \\',
  TAG_RESOLVE_FAILED: tagsNotSupported,
};

function toFaultText(code: ErrorCode, message: string): string {
  if (message === 'Sequence item without - indicator')
    return 'expected "-" of a list item; check the indentation';
  const text = faultTexts[code] ?? message.charAt(0).toLowerCase() + message.slice(1);
  return code === 'BAD_INDENT' ? `${text}; check the indentation of this line` : text;
}
