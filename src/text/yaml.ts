import {
  type Alias,
  Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Scalar,
  stringify,
  visit,
  type YAMLMap,
} from 'yaml';
import {
  type Diagnostic,
  type Path,
  type Position,
  sortDiagnostics,
  toPathText,
  type UnlocatedDiagnostic,
} from './diagnostics.ts';
import { createOffsetLookup, keyText } from './yaml-positions.ts';
import { parseYamlSyntax, tagsNotSupported } from './yaml-syntax.ts';

/** Parsed YAML text: its plain values and their positions in the text. */
export interface YamlText {
  /**
   * Plain value of the document. Mappings have no prototype, so that a key cannot be confused with an
   * inherited property.
   */
  readonly value: unknown;
  positionOf(path: Path): Position;
  /**
   * Adds positions to diagnostics. Returns the diagnostics in `found` together with those of the YAML text
   * itself, such as duplicate keys and bad aliases. Omits a diagnostic in `found` if the YAML text already
   * has one at the same path.
   */
  locate(found: readonly UnlocatedDiagnostic[]): readonly Diagnostic[];
}

/**
 * Parses one YAML document. If the syntax is invalid or the text is empty, returns only problems, because
 * there are no values. `checkScalar` returns the reason why a scalar is not allowed; undefined if it is
 * allowed.
 */
export function parseYaml(
  text: string,
  checkScalar: (value: unknown) => string | undefined = () => undefined,
): YamlText | { readonly problems: readonly Diagnostic[] } {
  const { root, faults } = parseYamlSyntax(text);
  let lines: LineCounter | undefined;
  const positionAt = (offset: number): Position => {
    lines ??= countLines(text);
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const isEmpty = root === undefined || (isScalar(root) && root.value === null);
  if (faults.length > 0 || isEmpty) {
    const found = faults.length > 0 ? faults : [{ offset: 0, text: 'the file is empty' }];
    const problems = found.map((fault) => ({ ...positionAt(fault.offset), path: '', text: fault.text }));
    return { problems: sortDiagnostics(problems) };
  }
  const { value, diagnostics, targets } = readValues(root, checkScalar);
  const offsetOf = createOffsetLookup(root, targets);
  const own = new Set(diagnostics.map(toKey));
  return {
    value,
    positionOf: (path) => positionAt(offsetOf(path, false)),
    locate(found) {
      const all = [...diagnostics, ...found.filter((diagnostic) => !own.has(toKey(diagnostic)))];
      return sortDiagnostics(
        all.map(({ path, atKey = false, text }) => ({
          ...positionAt(offsetOf(path, atKey)),
          path: toPathText(path),
          text,
        })),
      );
    },
  };
}

function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
  return lines;
}

function toKey({ path, atKey = false }: UnlocatedDiagnostic): string {
  return `${atKey ? 'key' : 'value'} ${toPathText(path)}`;
}

/** Formats a plain value as YAML. */
export function toYaml(value: unknown): string {
  return stringify(value);
}

/** Comment before the value at a path; an empty path stands for the whole document. */
export interface Comment {
  readonly path: Path;
  /** One paragraph. */
  readonly text: string;
}

/** Maximum length of a line with a comment or a long text. */
const maxLineLength = 120;

/** Maximum length of a text that is not folded. */
const maxFlowLength = 100;

/**
 * Formats a plain value as YAML with comments. Texts of several lines keep their lines; other long texts are folded.
 */
export function toCommentedYaml(value: unknown, comments: readonly Comment[]): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  for (const { path, text } of comments) {
    const indent = 2 * path.length;
    const comment = toLines(text, maxLineLength - indent - 2).join('\n');
    const node = path.length === 0 ? document : document.getIn(path, true);
    if (node === document) document.commentBefore = comment;
    else if (isNode(node)) {
      node.commentBefore = comment;
      node.spaceBefore = path.at(-1) !== 0;
    }
  }
  visit(document, {
    Scalar(key, scalar) {
      if (key === 'key' || typeof scalar.value !== 'string') return;
      if (scalar.value.includes('\n')) scalar.type = Scalar.BLOCK_LITERAL;
      else if (scalar.value.length > maxFlowLength) scalar.type = Scalar.BLOCK_FOLDED;
    },
  });
  return document.toString({ lineWidth: maxLineLength });
}

/** Breaks a text at blanks into lines of at most `length` characters, each after a blank. */
function toLines(text: string, length: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > length && line !== '') {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

/**
 * Maximum number of values to which all aliases of a text together expand. The limit stops an alias bomb
 * (billion laughs). A config that uses one alias for many streams stays far below it.
 */
const maxAliasedValues = 1_000_000;

interface Anchored {
  readonly node: unknown;
  readonly value: unknown;
  /** Number of values in the anchored node, including nested values. */
  readonly count: number;
}

function readValues(root: Node, checkScalar: (value: unknown) => string | undefined) {
  const diagnostics: UnlocatedDiagnostic[] = [];
  const targets = new Map<Alias, unknown>();
  const anchors = new Map<string, Anchored>();
  let count = 0;
  let aliasedCount = 0;

  function readNode(node: unknown, path: Path): unknown {
    if (isAlias(node)) return readAlias(node, path);
    const countBefore = count++;
    if (hasUnsupportedTag(node)) diagnostics.push({ path, text: tagsNotSupported });
    const value = readContents(node, path);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    // Store the anchor only after its node was read, so that a node cannot contain itself through an alias.
    if (anchor !== undefined) anchors.set(anchor, { node, value, count: count - countBefore });
    return value;
  }

  function readAlias(alias: Alias, path: Path): unknown {
    const anchored = anchors.get(alias.source);
    if (anchored === undefined) {
      diagnostics.push({ path, text: 'unknown alias; define its anchor before it' });
      return null;
    }
    targets.set(alias, anchored.node);
    const wasBomb = aliasedCount > maxAliasedValues;
    count += anchored.count;
    aliasedCount += anchored.count;
    if (aliasedCount <= maxAliasedValues) return anchored.value;
    if (!wasBomb) diagnostics.push({ path, text: 'aliases expand to too many values' });
    return null;
  }

  function readContents(node: unknown, path: Path): unknown {
    if (isMap(node)) return readMap(node, path);
    if (isSeq(node)) return node.items.map((item, i) => readNode(item, [...path, i]));
    const value = isScalar(node) ? node.value : null;
    const problem = checkScalar(value);
    if (problem !== undefined) diagnostics.push({ path, text: problem });
    return value;
  }

  function readMap(map: YAMLMap, path: Path): unknown {
    // The cast is safe: the object is new and empty, and Object.create returns any.
    const object = Object.create(null) as Record<string, unknown>;
    for (const { key, value } of map.items) {
      const name = keyText(key);
      if (name === undefined) {
        diagnostics.push({ path, text: 'a key must be plain text' });
        continue;
      }
      const keyPath = [...path, name];
      if (name in object) diagnostics.push({ path: keyPath, atKey: true, text: 'duplicate key' });
      object[name] = readNode(value, keyPath);
    }
    return object;
  }

  return { value: readNode(root, []), diagnostics, targets };
}

/**
 * Reports whether a node has an unsupported tag. Only the tags map, seq and str are supported, because any
 * other tag changes the type of the value.
 */
function hasUnsupportedTag(node: unknown): boolean {
  const tag = isMap(node) || isSeq(node) || isScalar(node) ? node.tag : undefined;
  return tag !== undefined && !/^tag:yaml\.org,2002:(map|seq|str)$/.test(tag);
}
