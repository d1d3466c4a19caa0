import { Composer, CST, type Document, type ErrorCode, Lexer, LineCounter, type Node, Parser } from 'yaml';
import { controlCharacter, maxBrackets } from './scalars.ts';

/** What is wrong with a text, and at which character. */
export interface SyntaxFault {
  readonly offset: number;
  readonly text: string;
}

/** What became of a YAML text: its root, or what is wrong with it. */
export interface YamlSyntax {
  /** undefined where there is nothing in the text, or faults. */
  readonly root: Node | undefined;
  readonly faults: readonly SyntaxFault[];
  readonly lines: LineCounter;
}

/**
 * Reads one YAML 1.2 document. Doubled keys, anchors and tags are left to whoever reads the values. What is no YAML
 * and what no config looks like is left early, because the parser would take long over it.
 */
export function parseYamlSyntax(text: string): YamlSyntax {
  const control = text.search(controlCharacter);
  if (control >= 0) {
    return refused(text.slice(0, control), { offset: control, text: 'a control character: this is no YAML' });
  }
  const sample = text.length > sampleLength ? parse(text.slice(0, sampleLength)) : undefined;
  // A sample has a fault or two where it is cut, but not many.
  return sample !== undefined && sample.faults.length >= maxFaults ? sample : parse(text);
}

/** The parser needs microseconds for each character, so noise is looked for in a sample first. */
const sampleLength = 64 * 1024;

function parse(text: string): YamlSyntax {
  const lines = new LineCounter();
  const faults: SyntaxFault[] = [];
  try {
    const report = (fault: SyntaxFault) => addFault(faults, fault);
    const [document, second] = compose(text, lines, report);
    if (second !== undefined) report({ offset: second.range?.[0] ?? 0, text: secondDocument });
    return { root: faults.length > 0 ? undefined : (document?.contents ?? undefined), faults, lines };
  } catch (error) {
    if (error instanceof Stopped) return { root: undefined, faults, lines };
    throw error;
  }
}

function refused(textBefore: string, fault: SyntaxFault): YamlSyntax {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of textBefore.matchAll(/\n/g)) lines.addNewLine(index + 1);
  return { root: undefined, faults: [fault], lines };
}

const secondDocument = 'a second document: expected one';

/** Thrown to leave the composer, which has no other way to stop. */
class Stopped extends Error {}

const maxFaults = 100;

function addFault(faults: SyntaxFault[], { offset, text }: SyntaxFault): void {
  const isLast = faults.length === maxFaults - 1;
  if (faults.length < maxFaults)
    faults.push({ offset, text: isLast ? 'too many faults: the rest was not read' : text });
  // Each time from then on: the composer catches what is thrown, and reports it.
  if (faults.length >= maxFaults) throw new Stopped();
}

type Report = (fault: SyntaxFault) => void;

function compose(text: string, lines: LineCounter, report: Report): readonly Document[] {
  const composer = new Composer({ uniqueKeys: false, schema: 'core', merge: false });
  // A private member: there is no option to stop the composer, which else keeps a million faults.
  Object.assign(composer, {
    onError: (source: Source, code: ErrorCode, message: string, isWarning = false) => {
      // The warnings are about tags.
      if (!isWarning) report({ offset: offsetOf(source), text: sentenceOf(code, message) });
    },
  });
  const documents = [...composer.compose(tokens(text, lines, report))];
  for (const { errors } of documents) {
    for (const { pos, code, message } of errors) report({ offset: pos[0], text: sentenceOf(code, message) });
  }
  return documents;
}

type Source = number | readonly [number, ...number[]] | { readonly offset: number };

function offsetOf(source: Source): number {
  if (typeof source === 'number') return source;
  return 'offset' in source ? source.offset : source[0];
}

/** The parser's own sentences, but for those that say little, and those that quote the text: a secret might stand there. */
function sentenceOf(code: ErrorCode, message: string): string {
  if (message === 'Sequence item without - indicator') {
    return 'expected the "-" of a list item: check the indent of this line';
  }
  switch (code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a key within the value of another: put the value in quotes, or check the indent of the next line';
    case 'MULTILINE_IMPLICIT_KEY':
      return 'a key on more than one line: check the indent of the next one';
    case 'BAD_INDENT':
      return `${message.charAt(0).toLowerCase()}${message.slice(1)}: check the indent of this line`;
    case 'UNEXPECTED_TOKEN':
      return 'this does not belong here';
    case 'BAD_DQ_ESCAPE':
      return 'unknown escape after \\ in double quotes; in single quotes a \\ is just a \\';
    case 'TAG_RESOLVE_FAILED':
      return 'tags are not used here';
    case 'RESOURCE_EXHAUSTION':
      return 'nested too deeply';
    default:
      return message.charAt(0).toLowerCase() + message.slice(1);
  }
}

function* tokens(text: string, lines: LineCounter, report: Report): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  const guard = createGuard();
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    const objection = guard(lexeme);
    if (objection !== undefined) {
      report({ offset: parser.offset, text: objection });
      throw new Stopped();
    }
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error') report({ offset: token.offset, text: sentenceOf('UNEXPECTED_TOKEN', '') });
      // The composer keeps them for whoever writes the document again.
      else if (token.type !== 'comment' && token.type !== 'newline') yield token;
    }
  }
  yield* parser.end();
}

const maxIndicatorsOfLine = 20;
const maxIndent = 400;
/** More than the largest number of streams needs. */
const maxLexemes = 10_000_000;

/** Objects to what would make parser and composer slow, or no document of ours has. */
function createGuard(): (lexeme: string) => string | undefined {
  let brackets = 0;
  let indicators = 0;
  let documents = 0;
  let lexemes = 0;
  let atLineStart = true;
  let inScalar = false;

  return (lexeme) => {
    if (inScalar) {
      inScalar = false;
      return undefined;
    }
    if (++lexemes > maxLexemes) return 'too long: no config has so much in it';
    const wasAtLineStart = atLineStart;
    atLineStart = false;
    switch (CST.tokenType(lexeme)) {
      case 'scalar':
        inScalar = true;
        return undefined;
      case 'newline':
        atLineStart = true;
        indicators = 0;
        return undefined;
      case 'space':
        return wasAtLineStart && lexeme.length > maxIndent ? 'indented too deeply' : undefined;
      case 'flow-map-start':
      case 'flow-seq-start':
        return ++brackets > maxBrackets ? 'nested too deeply' : undefined;
      case 'flow-map-end':
      case 'flow-seq-end':
        brackets = Math.max(0, brackets - 1);
        return undefined;
      case 'seq-item-ind':
      case 'explicit-key-ind':
      case 'map-value-ind':
        return brackets === 0 && ++indicators > maxIndicatorsOfLine ? 'nested too deeply' : undefined;
      case 'doc-start':
        return ++documents > 1 ? secondDocument : undefined;
      case 'directive-line':
        return 'directives are not used here';
      default:
        return undefined;
    }
  };
}
