import type * as z from 'zod';
import { closestMatch, toSnakeCase } from '../../text/did-you-mean.ts';
import { isMapping } from '../../text/plain-value.ts';
import { filePath } from './names.ts';
import { envName } from './values.ts';

/**
 * Returns the schemas of the two keys that can refer to one secret, such as `key_env` and `key_file`. `rule` is a
 * sentence that says when one of them is required.
 */
export function secretKeys<Stem extends string>(stem: Stem, secret: string, rule: string) {
  const env = `${stem}_env` as const;
  const file = `${stem}_file` as const;
  const keys = {
    [env]: envName()
      .optional()
      .describe(`Environment variable with ${secret}. Alternative: ${file}. ${rule}`),
    [file]: filePath()
      .optional()
      .describe(`File with ${secret}, absolute or relative to this config. Alternative: ${env}. ${rule}`),
  };
  // The cast is safe: `keys` has exactly these two keys. TypeScript infers computed keys as string.
  return keys as Record<typeof env, z.ZodOptional<ReturnType<typeof envName>>> &
    Record<typeof file, z.ZodOptional<ReturnType<typeof filePath>>>;
}

/**
 * Returns the arguments of a zod refinement, which requires that exactly one of the keys `<stem>_env` and
 * `<stem>_file` is given. If the secret is optional, both keys can be absent. Nothing is required if `isUsed`
 * is false for the value.
 */
export function oneReferenceOf(stem: string, { isOptional = false, isUsed = always } = {}) {
  const keys = [`${stem}_env`, `${stem}_file`];
  const minCount = isOptional ? 0 : 1;
  const expected = isOptional ? `${keys.join(' or ')}, not both` : `either ${keys.join(' or ')}`;
  return [
    (value: object) =>
      !isUsed(value) || (countGiven(value, keys) >= minCount && countGiven(value, keys) <= 1),
    { error: `expected ${expected}`, when: isNotMisspelled(stem, keys) },
  ] as const;
}

/** Rule of two keys of which one is required. */
export const oneIsRequired = 'One of the two is required.';
/** Rule of two keys of which one is required unless the credentials have another source. */
export const oneIsRequiredIfStatic = 'One of the two is required if credentials.from is static.';
/** Rule of two keys for a token, which permanent credentials do not have. */
export const noneIsRequired = 'Neither is required.';

const always = (_: object): boolean => true;

function countGiven(value: object, keys: readonly string[]): number {
  const given = new Map(Object.entries(value));
  return keys.filter((key) => given.get(key) !== undefined).length;
}

/**
 * Returns a function that decides whether a refinement runs. It runs even if other keys have errors, in which
 * case zod alone would skip it. It does not run if an unknown key is probably a misspelling of one of `keys`,
 * because the unknown key is already reported.
 */
function isNotMisspelled(stem: string, keys: readonly string[]) {
  return ({ value, issues }: z.core.ParsePayload): boolean => {
    const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
    const isMeant = unknown.some((key) => toSnakeCase(key) === stem || closestMatch(key, keys) !== undefined);
    return isMapping(value) && !isMeant;
  };
}
