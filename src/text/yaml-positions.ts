import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { Path } from './diagnostics.ts';

/**
 * Returns a function that finds the offset of the value at a path, or of its key; if the value is missing, that of the
 * innermost existing container. `targets` has the nodes of the aliases.
 */
export function createOffsetLookup(root: Node, targets: ReadonlyMap<Alias, unknown>) {
  const pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  function pairOf(map: YAMLMap, key: string): Pair | undefined {
    const known = pairs.get(map) ?? new Map(map.items.map((pair) => [keyText(pair.key) ?? '', pair]));
    pairs.set(map, known);
    return known.get(key);
  }

  return (path: Path, atKey: boolean): number => {
    let offset = root.range?.[0] ?? 0;
    let node: unknown = root;
    for (const [i, key] of path.entries()) {
      const container = isAlias(node) ? targets.get(node) : node;
      const pair = isMap(container) ? pairOf(container, String(key)) : undefined;
      node = isSeq(container) ? container.items[Number(key)] : pair?.value;
      const isEmpty = !isNode(node) || (isScalar(node) && node.value === null);
      const positioned =
        pair !== undefined && (isEmpty || (atKey && i === path.length - 1)) ? pair.key : node;
      if (!isNode(positioned)) break;
      offset = positioned.range?.[0] ?? offset;
    }
    return offset;
  };
}

/** Returns a key as written, so that `1` and `yes` are strings. Undefined if the key is not a scalar. */
export function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}
