import { isMap, isNode, isScalar, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Path } from './diagnostics.ts';

/** Offsets of plain values in the YAML text that they were parsed from. */
export interface Positions {
  /** Records the node that a mapping or list was created from. */
  set(value: object, node: YAMLMap | YAMLSeq): void;
  /**
   * Returns the offset of the value at `path` below `root`; if it is missing, of the innermost existing
   * container.
   */
  offsetOf(root: unknown, path: Path, atKey: boolean): number;
}

/**
 * Creates an empty lookup. It stores nodes only and computes an offset on request, because most configs have
 * no errors.
 */
export function createPositions(rootOffset: number): Positions {
  const nodes = new WeakMap<object, YAMLMap | YAMLSeq>();
  const pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  function pairOf(map: YAMLMap, key: string): Pair | undefined {
    const known = pairs.get(map) ?? new Map(map.items.map((pair) => [keyText(pair.key) ?? '', pair]));
    pairs.set(map, known);
    return known.get(key);
  }

  function step(container: unknown, key: string | number, atKey: boolean): number | undefined {
    const node = typeof container === 'object' && container !== null ? nodes.get(container) : undefined;
    if (node === undefined) return undefined;
    if (!isMap(node)) return offsetOfNode(node.items[Number(key)]);
    const pair = pairOf(node, String(key));
    if (pair === undefined) return undefined;
    const isEmpty = !isNode(pair.value) || (isScalar(pair.value) && pair.value.value === null);
    return offsetOfNode(atKey || isEmpty ? pair.key : pair.value);
  }

  return {
    set: (value, node) => nodes.set(value, node),
    offsetOf(root, path, atKey) {
      let offset = rootOffset;
      let container = root;
      for (const [i, key] of path.entries()) {
        const next = step(container, key, atKey && i === path.length - 1);
        if (next === undefined) break;
        offset = next;
        container = childOf(container, key);
      }
      return offset;
    },
  };
}

function offsetOfNode(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function childOf(container: unknown, key: string | number): unknown {
  // The cast is safe: step() found a node for the container, so it is a mapping or a list.
  return (container as Readonly<Record<string | number, unknown>>)[key];
}

/** Returns a key as written, so that `1` and `yes` are strings. Undefined if the key is not a scalar. */
export function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}
