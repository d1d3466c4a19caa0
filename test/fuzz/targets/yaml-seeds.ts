import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Draws } from '../../chaos/draws.ts';
import { mutateText } from '../mutate-text.ts';
import { mutateMildly, mutateTree } from '../mutate-tree.ts';

export const root = join(import.meta.dirname, '..', '..', '..');

/** Valid and broken YAML files, of which mutations are made. */
export interface YamlSeeds {
  readonly texts: readonly string[];
  readonly trees: readonly unknown[];
  /** Trees of valid files. */
  readonly valid: readonly unknown[];
}

export function seedsFrom(texts: readonly string[], isValid: (tree: unknown) => boolean): YamlSeeds {
  const trees = texts.flatMap((text) => {
    try {
      // As JSON has it, without the dates and bytes of YAML.
      return [JSON.parse(JSON.stringify(parse(text, { maxAliasCount: 100, logLevel: 'error' }))) as unknown];
    } catch {
      return [];
    }
  });
  return { texts, trees, valid: trees.filter(isValid) };
}

/** Returns the texts of the files in a directory whose names end in `end`, in the order of their names. */
export function textsIn(directory: string, end: string): readonly string[] {
  const names = readdirSync(join(root, directory)).filter((name) => name.endsWith(end));
  return names.toSorted().map((name) => readFileSync(join(root, directory, name), 'utf8'));
}

/** Returns a mutation of a seed as YAML or, if `canBeJson`, sometimes as JSON. */
export function mutatedYaml({ texts, trees, valid }: YamlSeeds, draws: Draws, canBeJson: boolean) {
  const kind = draws.below(10);
  if (kind < 3) return { text: mutateText(draws.pick(texts), draws, texts), isJson: false };
  const tree =
    kind < 6 ? mutateMildly(draws.pick(valid), draws, trees) : mutateTree(draws.pick(trees), draws, trees);
  const isJson = canBeJson && draws.below(3) === 0;
  const text = isJson || isDeep(tree) ? JSON.stringify(tree, null, draws.pick([0, 2])) : toText(tree, draws);
  return { text: kind === 9 ? mutateText(text ?? '', draws, texts) : (text ?? ''), isJson };
}

function toText(tree: unknown, draws: Draws): string {
  return draws.below(4) === 0 ? JSON.stringify(tree) : stringify(tree, { lineWidth: draws.pick([0, 80]) });
}

/** Reports whether a tree is too deep for the recursion of the YAML writer. */
function isDeep(tree: unknown): boolean {
  let level = [tree];
  for (let depth = 0; depth < 200; depth++) {
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}
