import * as z from 'zod';
import { capabilities, capabilityOf, type Operation, type Provider } from '../../model/capabilities.ts';
import { toDurationText } from '../../text/units.ts';
import { duration, envName, label, section } from './values.ts';

/**
 * `token`: optional, absent if its variable is unset or empty. `proxy`: a URL that can contain a password.
 */
export type SecretKind = 'key' | 'token' | 'proxy';

/** What the generic code needs to know about the accounts of one provider. */
export interface AccountKind {
  readonly provider: Provider;
  /** Paths of secret references below the account, without `_env` and `_file`. */
  readonly secrets: readonly { readonly path: readonly string[]; readonly kind: SecretKind }[];
  /**
   * Key paths below the account that the contract reserves for a later version, with the key to use today.
   */
  readonly laterKeys: ReadonlyMap<string, string | undefined>;
}

export const proxySecret = { path: ['proxy_url'], kind: 'proxy' } as const;

const providers = [...new Set(capabilities.map(({ provider }) => provider))];

/** Returns the keys of an account at any provider. */
export function commonKeys<Name extends Provider>(provider: Name) {
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

/** Returns the budget of one operation, with the default of its capability. */
export function requestsPerSecond<Name extends Operation>(operation: Name) {
  const rate = z
    .number()
    .min(0.01)
    .max(1000)
    .default(capabilityOf(operation).requestsPerSecond)
    .describe('Maximum number of requests per second.');
  // The cast is safe: TypeScript widens a computed key to string.
  const shape = { [operation]: rate } as Record<Name, typeof rate>;
  return section(shape)
    .prefault({})
    .describe('Budget of each operation in requests per second, including retries.');
}

/** Returns the expected delay of an operation, with the default of its capability. */
export function expectedDelay(operation: Operation, maxMs: number) {
  return duration(0, maxMs).prefault(toDurationText(capabilityOf(operation).expectedDelayMs));
}

export const expectedDelayText = 'Normal delay of the data of this account.';
