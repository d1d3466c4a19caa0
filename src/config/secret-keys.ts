import type * as z from 'zod';
import { mostLike, toSnakeCase } from '../text/did-you-mean.ts';
import { envName, filePath } from './schema/values.ts';

/** The two keys that say where one secret is, as in `key_env` and `key_file`; `what` it is goes into their descriptions. */
export function secretKeys<Stem extends string>(stem: Stem, what: string) {
  const env = `${stem}_env` as const;
  const file = `${stem}_file` as const;
  const keys = {
    [env]: envName().optional().describe(`Environment variable with ${what}. Either this or ${file}.`),
    [file]: filePath()
      .optional()
      .describe(`File with ${what}; a relative path is relative to this config. Either this or ${env}.`),
  };
  // The cast: these two keys it has, which TypeScript does not see of computed ones.
  return keys as Record<typeof env, z.ZodOptional<ReturnType<typeof envName>>> &
    Record<typeof file, z.ZodOptional<ReturnType<typeof filePath>>>;
}

/** The objection to a mapping that names no place of a secret, or two. */
export function exactlyOneOf(stem: string) {
  const keys = [`${stem}_env`, `${stem}_file`];
  return [
    (value: object) => countGiven(value, keys) === 1,
    { error: `expected either ${keys.join(' or ')}`, when: isToldBest(stem, keys) },
  ] as const;
}

/** The objection to a mapping that names two places of a secret which need not be there. */
export function atMostOneOf(stem: string) {
  const keys = [`${stem}_env`, `${stem}_file`];
  return [
    (value: object) => countGiven(value, keys) <= 1,
    { error: `expected ${keys.join(' or ')}, not both`, when: isToldBest(stem, keys) },
  ] as const;
}

function countGiven(value: object, keys: readonly string[]): number {
  const given = new Map(Object.entries(value));
  return keys.filter((key) => given.get(key) !== undefined).length;
}

/**
 * Else it would be asked only once all other keys are right. After an unknown key that likely stands for one of `keys`
 * it would tell the same mistake twice.
 */
function isToldBest(stem: string, keys: readonly string[]) {
  return ({ value, issues }: z.core.ParsePayload): boolean => {
    const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
    const isMeant = unknown.some((key) => toSnakeCase(key) === stem || mostLike(key, keys) !== undefined);
    return isMapping(value) && !isMeant;
  };
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
