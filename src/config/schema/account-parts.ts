import * as z from 'zod';
import { envName, label, section } from './values.ts';

/** `token`: optional, absent if its variable is unset or empty. `proxy`: a URL that can contain a password. */
export type SecretKind = 'key' | 'token' | 'proxy';

/** What the generic code needs to know about the accounts of one provider. */
export interface AccountKind {
  readonly provider: string;
  /** Questions that this version can ask the provider. */
  readonly questions: readonly ('push_stats' | 'control_history')[];
  /** Paths of secret references below the account, without `_env` and `_file`. */
  readonly secrets: readonly { readonly path: readonly string[]; readonly kind: SecretKind }[];
  /** Key paths below the account that the contract reserves for a later version, with the key to use today. */
  readonly laterKeys: ReadonlyMap<string, string | undefined>;
}

export const proxySecret = { path: ['proxy_url'], kind: 'proxy' } as const;

const providers = ['tencent', 'alibaba'] as const;

/** Returns the keys of an account at any provider. */
export function commonKeys<Name extends (typeof providers)[number]>(provider: Name) {
  return {
    name: label().describe('Label "account": your name for one customer at one provider.'),
    provider: z
      .literal(provider, {
        error: ({ input }) => (input === undefined ? undefined : `expected ${providers.join(' or ')}`),
      })
      .describe('Company behind the API.'),
    proxy_url_env: z
      .union([z.literal(''), envName()], { error: 'expected the name of an environment variable, or ""' })
      .default('')
      .describe(
        'Environment variable with the URL of a proxy. Empty: HTTPS_PROXY, HTTP_PROXY and NO_PROXY apply.',
      ),
  };
}

/** Returns the budget of one operation per second. */
export function requestsPerSecond<Operation extends string>(operation: Operation, defaultRate: number) {
  const rate = z
    .number()
    .min(0.01)
    .max(1000)
    .default(defaultRate)
    .describe('Maximum number of requests per second.');
  // The cast: TypeScript widens a computed key to string.
  const shape = { [operation]: rate } as Record<Operation, typeof rate>;
  return section(shape)
    .prefault({})
    .describe('Budget of each operation in requests per second, including retries.');
}

export const expectedDelayText = 'Normal delay of the data of this account.';
