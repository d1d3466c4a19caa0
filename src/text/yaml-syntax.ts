import {
  Composer,
  type CST,
  type Document,
  type ErrorCode,
  Lexer,
  LineCounter,
  type Node,
  Parser,
} from 'yaml';
import { controlCharacter, maxDepth } from './scalars.ts';

/** A syntax error at an offset in characters. */
export interface SyntaxFault {
  readonly offset: number;
  readonly text: string;
}

/** A parsed YAML text: its root node or its syntax errors. */
export interface YamlSyntax {
  /** Undefined if the text is empty or has faults. */
  readonly root: Node | undefined;
  readonly faults: readonly SyntaxFault[];
  readonly lines: LineCounter;
}

/**
 * Parses one YAML 1.2 document. Time and memory are bounded: it stops at 100 faults, at a control character, and at a
 * nesting depth or size that no config has. Duplicate keys, anchors and tags are left to the caller.
 */
export function parseYamlSyntax(text: string): YamlSyntax {
  const control = text.search(controlCharacter);
  if (control >= 0) return atControlCharacter(text, control);
  // The parser reports faults only after the whole text, at microseconds per character. So a sample is parsed first.
  // Cutting the text causes a fault or two at its end.
  const sample = text.length > sampleLength ? parse(text.slice(0, sampleLength)) : undefined;
  return sample !== undefined && sample.faults.length >= maxFaults ? sample : parse(text);
}

export const tagsNotSupported = 'tags are not supported';
const tooDeep = 'nested too deeply';

const sampleLength = 64 * 1024;
const maxFaults = 100;
/** More than a config with the maximum number of streams needs. */
const maxLexemes = 10_000_000;

function atControlCharacter(text: string, offset: number): YamlSyntax {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.slice(0, offset).matchAll(/\n/g)) lines.addNewLine(index + 1);
  return { root: undefined, faults: [{ offset, text: 'control characters are not allowed in YAML' }], lines };
}

/** Thrown to leave the parser, which has no option to stop. */
class Stopped extends Error {}

function parse(text: string): YamlSyntax {
  const lines = new LineCounter();
  const faults: SyntaxFault[] = [];
  const report: Report = (offset, reason, isFatal = false) => {
    const isLast = faults.length === maxFaults - 1;
    if (faults.length < maxFaults)
      faults.push({ offset, text: isLast ? 'too many errors, parsing stopped' : reason });
    // The composer catches the first exception and reports it as a fault, so every further fault throws again.
    if (isFatal || faults.length >= maxFaults) throw new Stopped();
  };
  let root: Node | undefined;
  try {
    root = compose(text, lines, report);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
  return { root: faults.length > 0 ? undefined : root, faults, lines };
}

type Report = (offset: number, text: string, isFatal?: boolean) => void;

function compose(text: string, lines: LineCounter, report: Report): Node | undefined {
  const composer = new Composer({ uniqueKeys: false, schema: 'core', merge: false });
  // onError is private. Without replacing it, the composer collects a million faults.
  Object.assign(composer, {
    onError: (source: Source, code: ErrorCode, message: string, isWarning = false) => {
      // Warnings are about unknown tags.
      if (!isWarning) report(offsetOf(source), toFaultText(code, message), code === 'RESOURCE_EXHAUSTION');
    },
  });
  let first: Document | undefined;
  for (const document of composer.compose(tokens(text, lines, report))) {
    for (const { pos, code, message } of document.errors) report(pos[0], toFaultText(code, message));
    if (first !== undefined) report(document.range[0], 'only one YAML document is allowed', true);
    first = document;
  }
  return first?.contents ?? undefined;
}

type Source = number | readonly [number, ...number[]] | { readonly offset: number };

function offsetOf(source: Source): number {
  if (typeof source === 'number') return source;
  return 'offset' in source ? source.offset : source[0];
}

function* tokens(text: string, lines: LineCounter, report: Report): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > maxLexemes) report(parser.offset, 'file too large', true);
    // The stack holds the document, one token per level, and a scalar.
    if (parser.stack.length > maxDepth + 2) report(parser.offset, tooDeep, true);
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error') report(token.offset, toFaultText('UNEXPECTED_TOKEN', ''));
      else if (token.type === 'directive') report(token.offset, 'directives are not supported');
      // The composer keeps comments for writing the document again.
      else if (token.type !== 'comment' && token.type !== 'newline') yield token;
    }
  }
  yield* parser.end();
}

/** Replaces messages of the library that say too little or quote the text, which can contain a secret. */
const faultTexts: Partial<Record<ErrorCode, string>> = {
  BLOCK_AS_IMPLICIT_KEY:
    'unexpected key inside a value; quote the value or check the indentation of the next line',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line; check the indentation of the next line',
  UNEXPECTED_TOKEN: 'unexpected text',
  BAD_DQ_ESCAPE: 'unknown escape after \\ in double quotes; use single quotes for a literal \\',
  TAG_RESOLVE_FAILED: tagsNotSupported,
  RESOURCE_EXHAUSTION: tooDeep,
};

function toFaultText(code: ErrorCode, message: string): string {
  if (message === 'Sequence item without - indicator')
    return 'expected "-" of a list item; check the indentation';
  const text = faultTexts[code] ?? message.charAt(0).toLowerCase() + message.slice(1);
  return code === 'BAD_INDENT' ? `${text}; check the indentation of this line` : text;
}
