import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Diagnostic } from './diagnostics.ts';
import { type Path, toPathText, type UnlocatedDiagnostic } from './diagnostics.ts';
import type { Position } from './json-positions.ts';
import { scalarProblem } from './scalars.ts';
import { createPositions, keyText } from './yaml-positions.ts';
import { parseYamlSyntax } from './yaml-syntax.ts';

/** A YAML text as plain values, and where each of them stands. */
export interface YamlText {
  /** Mappings have no prototype, so that no key of theirs can be mistaken for something inherited. */
  readonly value: unknown;
  /** What the values by themselves show to be wrong, such as a key that is there twice. */
  readonly diagnostics: readonly UnlocatedDiagnostic[];
  /** The place of what a finding is about; of what is missing, the place of the mapping that lacks it. */
  locate(finding: UnlocatedDiagnostic): Diagnostic;
  positionOf(at: Pick<UnlocatedDiagnostic, 'path' | 'atKey'>): Position;
}

/** Problems alone where the text is no YAML: then nothing can be said about its values. */
export function parseYaml(text: string): YamlText | { readonly problems: readonly Diagnostic[] } {
  const { root, faults, lines } = parseYamlSyntax(text);
  const placeAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problemAt = (offset: number, path: string, sentence: string): Diagnostic => ({
    ...placeAt(offset),
    path,
    text: sentence,
  });
  if (faults.length > 0) return { problems: faults.map((fault) => problemAt(fault.offset, '', fault.text)) };
  if (root === undefined || (isScalar(root) && root.value === null)) {
    return { problems: [problemAt(0, '', 'there is nothing in this file')] };
  }
  const { value, diagnostics, places } = readValues(root);
  const positionOf: YamlText['positionOf'] = ({ path, atKey = false }) =>
    placeAt(places.offsetOf(value, path, atKey));
  return {
    value,
    diagnostics,
    positionOf,
    locate: (finding) => ({ ...positionOf(finding), path: toPathText(finding.path), text: finding.text }),
  };
}

/** Sharing a few values by alias is fine; a bomb is not. */
const maxValuesThroughAliases = 1_000_000;

interface Anchored {
  readonly value: unknown;
  /** How many values it stands for, itself among them. */
  readonly count: number;
}

function readValues(root: Node) {
  const diagnostics: UnlocatedDiagnostic[] = [];
  const places = createPositions(root.range?.[0] ?? 0);
  const anchors = new Map<string, Anchored>();
  let count = 0;
  let throughAliases = 0;
  let isBomb = false;

  function readNode(node: unknown, path: Path): unknown {
    if (isAlias(node)) return readAlias(node.source, path);
    const countBefore = count++;
    const value = readOwn(node, path);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    // Only now, so that what refers to itself finds nothing.
    if (anchor !== undefined) anchors.set(anchor, { value, count: count - countBefore });
    return value;
  }

  function readAlias(name: string, path: Path): unknown {
    const anchored = anchors.get(name);
    count += anchored?.count ?? 0;
    throughAliases += anchored?.count ?? 0;
    if (anchored === undefined) diagnostics.push({ path, text: 'an alias of nothing that stands before it' });
    if (throughAliases <= maxValuesThroughAliases) return anchored?.value ?? null;
    if (!isBomb) diagnostics.push({ path, text: 'the aliases stand for too many values' });
    isBomb = true;
    return null;
  }

  function readOwn(node: unknown, path: Path): unknown {
    const problem = tagProblem(node);
    if (problem !== undefined) diagnostics.push({ path, text: problem });
    if (isMap(node)) return readMap(node, path);
    if (isSeq(node)) return readSeq(node, path);
    return isScalar(node) ? readScalar(node.value, path) : null;
  }

  function readMap(map: YAMLMap, path: Path): unknown {
    // The cast: Object.create gives any; without a prototype it is just this.
    const object = Object.create(null) as Record<string, unknown>;
    for (const { key, value } of map.items) {
      const name = keyText(key);
      if (name === undefined) {
        diagnostics.push({ path, text: 'a key has to be plain text' });
        continue;
      }
      const keyPath = [...path, name];
      if (name in object) diagnostics.push({ path: keyPath, atKey: true, text: 'this key is here twice' });
      object[name] = readNode(value, keyPath);
    }
    places.set(object, map);
    return object;
  }

  function readSeq(seq: YAMLSeq, path: Path): unknown {
    const list = seq.items.map((item, i) => readNode(item, [...path, i]));
    places.set(list, seq);
    return list;
  }

  function readScalar(value: unknown, path: Path): unknown {
    const problem = scalarProblem(value);
    if (problem !== undefined) diagnostics.push({ path, text: problem });
    return value;
  }

  return { value: readNode(root, []), diagnostics, places };
}

/** Only the tags that say what is plain to see are let through. */
function tagProblem(node: unknown): string | undefined {
  const tag = isMap(node) || isSeq(node) || isScalar(node) ? node.tag : undefined;
  return tag === undefined || /^tag:yaml\.org,2002:(map|seq|str)$/.test(tag)
    ? undefined
    : 'tags are not used here';
}
