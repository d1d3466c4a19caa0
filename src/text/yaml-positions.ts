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
 * Creates a function that returns the offset, in characters, of the value at a key path, or of its key if
 * `atKey` is true. If there is no such value, the function returns the offset of the innermost existing
 * mapping or list on the path. `targets` contains the node to which each alias refers.
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

/**
 * Returns the text of a key as it is written in the file, so that the keys `1` and `yes` are strings. Returns
 * undefined if the key is not a scalar.
 */
export function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}
