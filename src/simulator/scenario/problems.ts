import { isMap, type LineCounter, type ParsedNode } from 'yaml';
import type * as z from 'zod';
import { nearestWord } from './spelling.ts';

/** What is wrong in a scenario, and where. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly text: string;
  /** In the text of the file. */
  readonly offset: number;
}

/** Complete lines, `file:line:column: path: what is wrong`, in the order of the file. */
export function toLines(problems: readonly Problem[], file: string, lines: LineCounter): string[] {
  return problems
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ path, text, offset }) => {
      const { line, col } = lines.linePos(offset);
      const place = `${file}:${line}:${col}`;
      return path.length === 0 ? `${place}: ${text}` : `${place}: ${path.join('.')}: ${text}`;
    });
}

/** An issue of zod in words; one of unknown keys is a problem for each key. `value` is what zod was given. */
export function toProblems(issue: z.core.$ZodIssue, value: unknown, root: ParsedNode | null): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      const meant = nearestWord(key);
      const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
      return { path, text: `unknown key${hint}`, offset: offsetOf(root, path) };
    });
  }
  const text = isMissing(value, issue.path) ? 'is missing' : issue.message;
  return [{ path: issue.path, text, offset: offsetOf(root, issue.path) }];
}

/** Asked of the value, since the node of an alias has nothing inside. */
function isMissing(root: unknown, path: readonly PropertyKey[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return false;
  // The check before has made it an object; what its keys hold is for the next step to find out.
  return typeof root !== 'object' || root === null || !(key in root)
    ? true
    : isMissing((root as Record<PropertyKey, unknown>)[key], rest);
}

function nodeAt(root: ParsedNode | null, path: readonly PropertyKey[]): ParsedNode | null {
  if (path.length === 0 || root === null || !('getIn' in root)) return root;
  // yaml types what getIn finds as unknown; with `true` it is always a node or nothing.
  return (root.getIn(path, true) as ParsedNode | undefined) ?? null;
}

/** Where the path stands in the file: its key, or the list's item; of one that is not there, the nearest that is. */
export function offsetOf(root: ParsedNode | null, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = nodeAt(root, path.slice(0, length - 1));
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => 'value' in item.key && item.key.value === key);
      if (pair !== undefined) return pair.key.range[0];
    }
    const node = nodeAt(root, path.slice(0, length));
    if (node !== null) return node.range[0];
  }
  return root?.range[0] ?? 0;
}
