import type * as z from 'zod';
import { closestMatch, toSnakeCase } from '../../text/did-you-mean.ts';
import { envName, filePath } from './values.ts';

/** Returns the two keys that reference one secret, such as `key_env` and `key_file`. */
export function secretKeys<Stem extends string>(stem: Stem, secret: string) {
  const env = `${stem}_env` as const;
  const file = `${stem}_file` as const;
  const keys = {
    [env]: envName().optional().describe(`Environment variable with ${secret}. Alternative: ${file}.`),
    [file]: filePath()
      .optional()
      .describe(`File with ${secret}, absolute or relative to this config. Alternative: ${env}.`),
  };
  // The cast is safe: TypeScript widens computed keys to string.
  return keys as Record<typeof env, z.ZodOptional<ReturnType<typeof envName>>> &
    Record<typeof file, z.ZodOptional<ReturnType<typeof filePath>>>;
}

/** Returns a refinement that requires exactly one reference of a secret. */
export function exactlyOneOf(stem: string) {
  const keys = [`${stem}_env`, `${stem}_file`];
  return [
    (value: object) => countGiven(value, keys) === 1,
    { error: `expected either ${keys.join(' or ')}`, when: isNotMisspelled(stem, keys) },
  ] as const;
}

/** Returns a refinement that allows at most one reference of an optional secret. */
export function atMostOneOf(stem: string) {
  const keys = [`${stem}_env`, `${stem}_file`];
  return [
    (value: object) => countGiven(value, keys) <= 1,
    { error: `expected ${keys.join(' or ')}, not both`, when: isNotMisspelled(stem, keys) },
  ] as const;
}

function countGiven(value: object, keys: readonly string[]): number {
  const given = new Map(Object.entries(value));
  return keys.filter((key) => given.get(key) !== undefined).length;
}

/**
 * Runs a refinement also if other keys have errors; zod would skip it. Skips it after an unknown key that
 * probably
 * means one of `keys`, because that mistake is reported already.
 */
function isNotMisspelled(stem: string, keys: readonly string[]) {
  return ({ value, issues }: z.core.ParsePayload): boolean => {
    const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
    const isMeant = unknown.some((key) => toSnakeCase(key) === stem || closestMatch(key, keys) !== undefined);
    return typeof value === 'object' && value !== null && !Array.isArray(value) && !isMeant;
  };
}
