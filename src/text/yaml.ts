import { isAlias, isMap, isScalar, isSeq, type Node, stringify, type YAMLMap, type YAMLSeq } from 'yaml';
import {
  type Diagnostic,
  type Path,
  type Position,
  sortDiagnostics,
  toPathText,
  type UnlocatedDiagnostic,
} from './diagnostics.ts';
import { createPositions, keyText } from './yaml-positions.ts';
import { parseYamlSyntax, tagsNotSupported } from './yaml-syntax.ts';

/** A YAML text as plain values with positions. */
export interface YamlText {
  /** Mappings have no prototype, so that no key can be mistaken for an inherited property. */
  readonly value: unknown;
  positionOf(path: Path): Position;
  /**
   * Returns the diagnostics of the text itself (duplicate keys, bad aliases, ...) and those of the caller, with
   * positions. Drops a caller's diagnostic at the same path: the value was reported already.
   */
  locate(found: readonly UnlocatedDiagnostic[]): readonly Diagnostic[];
}

/**
 * Parses one YAML document. Returns only problems if the syntax is invalid, because it then has no values.
 * `checkScalar` returns why a scalar is not allowed, undefined if it is.
 */
export function parseYaml(
  text: string,
  checkScalar: (value: unknown) => string | undefined = () => undefined,
): YamlText | { readonly problems: readonly Diagnostic[] } {
  const { root, faults, lines } = parseYamlSyntax(text);
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const isEmpty = root === undefined || (isScalar(root) && root.value === null);
  if (faults.length > 0 || isEmpty) {
    const found = faults.length > 0 ? faults : [{ offset: 0, text: 'the file is empty' }];
    const problems = found.map((fault) => ({ ...positionAt(fault.offset), path: '', text: fault.text }));
    return { problems: sortDiagnostics(problems) };
  }
  const { value, diagnostics, positions } = readValues(root, checkScalar);
  const own = new Set(diagnostics.map(toKey));
  return {
    value,
    positionOf: (path) => positionAt(positions.offsetOf(value, path, false)),
    locate(found) {
      const all = [...diagnostics, ...found.filter((diagnostic) => !own.has(toKey(diagnostic)))];
      return sortDiagnostics(
        all.map(({ path, atKey = false, text }) => ({
          ...positionAt(positions.offsetOf(value, path, atKey)),
          path: toPathText(path),
          text,
        })),
      );
    },
  };
}

function toKey({ path, atKey = false }: UnlocatedDiagnostic): string {
  return `${atKey ? 'key' : 'value'} ${toPathText(path)}`;
}

/** Writes plain values as YAML. */
export function toYaml(value: unknown): string {
  return stringify(value);
}

/** Bounds an alias bomb (billion laughs). Using one alias for many streams stays far below. */
const maxAliasedValues = 1_000_000;

interface Anchored {
  readonly value: unknown;
  /** Number of values that the anchor stands for, including nested ones. */
  readonly count: number;
}

function readValues(root: Node, checkScalar: (value: unknown) => string | undefined) {
  const diagnostics: UnlocatedDiagnostic[] = [];
  const positions = createPositions(root.range?.[0] ?? 0);
  const anchors = new Map<string, Anchored>();
  let count = 0;
  let aliasedCount = 0;
  let isBomb = false;

  function readNode(node: unknown, path: Path): unknown {
    if (isAlias(node)) return readAlias(node.source, path);
    const countBefore = count++;
    if (hasUnsupportedTag(node)) diagnostics.push({ path, text: tagsNotSupported });
    const value = readContents(node, path);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    // Set after reading the contents, so that a node cannot contain itself.
    if (anchor !== undefined) anchors.set(anchor, { value, count: count - countBefore });
    return value;
  }

  function readAlias(name: string, path: Path): unknown {
    const anchored = anchors.get(name);
    count += anchored?.count ?? 0;
    aliasedCount += anchored?.count ?? 0;
    if (anchored === undefined)
      diagnostics.push({ path, text: 'unknown alias; define its anchor before it' });
    if (aliasedCount <= maxAliasedValues) return anchored?.value ?? null;
    if (!isBomb) diagnostics.push({ path, text: 'aliases expand to too many values' });
    isBomb = true;
    return null;
  }

  function readContents(node: unknown, path: Path): unknown {
    if (isMap(node)) return readMap(node, path);
    if (isSeq(node)) return readSeq(node, path);
    const value = isScalar(node) ? node.value : null;
    const problem = checkScalar(value);
    if (problem !== undefined) diagnostics.push({ path, text: problem });
    return value;
  }

  function readMap(map: YAMLMap, path: Path): unknown {
    // The cast is safe: Object.create returns any.
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
    positions.set(object, map);
    return object;
  }

  function readSeq(seq: YAMLSeq, path: Path): unknown {
    const list = seq.items.map((item, i) => readNode(item, [...path, i]));
    positions.set(list, seq);
    return list;
  }

  return { value: readNode(root, []), diagnostics, positions };
}

/** Allows only the tags that do not change the type of a value. */
function hasUnsupportedTag(node: unknown): boolean {
  const tag = isMap(node) || isSeq(node) || isScalar(node) ? node.tag : undefined;
  return tag !== undefined && !/^tag:yaml\.org,2002:(map|seq|str)$/.test(tag);
}
