import * as z from 'zod';
import { capabilities } from '../../model/capabilities.ts';
import {
  capabilityOf,
  defaultRateOf,
  type HistoryOperation,
  type Operation,
  type Provider,
} from '../../model/operations.ts';
import { toDurationText } from '../../text/units.ts';
import { accountName } from './names.ts';
import { duration, envName, section } from './values.ts';

/**
 * Kind of a secret, which determines how its value is checked. A `key` must be printable ASCII. A `token` is
 * like a `key`, but counts as absent if its environment variable is unset or empty. A `proxy` is a URL that
 * can contain a password. A `password` and a `bearer` token are for Alertmanagers. `certificates` are a PEM
 * file, which is no secret.
 */
export type SecretKind = 'key' | 'token' | 'proxy' | 'password' | 'bearer' | 'certificates';

export interface AccountSecret {
  /** Name of the secret in the code of the provider, such as `accessKeyId`. */
  readonly name: string;
  /**
   * Path of the keys that refer to the secret, relative to the account and without the endings `_env` and
   * `_file`.
   */
  readonly path: readonly string[];
  readonly kind: SecretKind;
  /**
   * The provider's own name for the environment variable of the secret, which applies if `credentials.from`
   * beside its keys is `env`.
   */
  readonly variable?: string;
}

/** Description of one provider's accounts, for code that does not depend on the provider. */
export interface AccountKind {
  readonly provider: Provider;
  readonly secrets: readonly AccountSecret[];
  /**
   * Returns the keys of a stream without which the provider cannot find it, with a text for each that says
   * so. `account` contains the plain values of the account.
   */
  readonly neededStreamKeys: (account: unknown) => Readonly<Partial<Record<'domain' | 'app_name', string>>>;
  /** Whether streams are pushed to other domains than those under which the provider lists them. */
  readonly hasPushDomains: boolean;
  /**
   * Whether the provider returns the control history of one application of a domain at a time, so that the
   * config must name the applications.
   */
  readonly hasControlPerApp: boolean;
}

export const proxySecret: AccountSecret = { name: 'proxyUrl', path: ['proxy_url'], kind: 'proxy' };

const providers = [...new Set(capabilities.map(({ provider }) => provider))];

/** Returns the schemas of the keys that accounts of every provider have. */
export function commonKeys<Name extends Provider>(provider: Name) {
  return {
    name: accountName().describe(
      'Name of the account, which you choose. It is the value of the label "account".',
    ),
    provider: z
      .literal(provider, {
        error: ({ input }) => (input === undefined ? undefined : `expected ${providers.join(' or ')}`),
      })
      .describe('Company that offers the API. The other keys depend on it.'),
    proxy_url_env: z
      .union([z.literal(''), envName()], { error: 'expected the name of an environment variable, or ""' })
      .prefault('')
      .describe(
        'Environment variable with the URL of a proxy. Empty: HTTPS_PROXY, HTTP_PROXY and NO_PROXY apply.',
      ),
  };
}

/**
 * Returns the schema of `requests_per_second` for some operations (API methods). The defaults come from
 * `capabilities`.
 */
export function requestsPerSecond<Name extends Operation>(...operations: readonly Name[]) {
  const rateOf = (operation: Name) =>
    z
      .number()
      .min(0.01)
      .max(1000)
      .default(defaultRateOf(operation) ?? 1)
      .meta({ $comment: 'requests per second' })
      .describe('Maximum number of requests per second.');
  // The cast is safe: `shape` has exactly the keys `operations`. TypeScript infers computed keys as string.
  const shape = Object.fromEntries(operations.map((name) => [name, rateOf(name)])) as Record<
    Name,
    ReturnType<typeof rateOf>
  >;
  return section(shape)
    .prefault({})
    .describe('Maximum number of requests per second for each operation (API method), including retries.');
}

/** Returns the schema of the expected delay of one operation. The default comes from `capabilities`. */
export function expectedDelay(operation: HistoryOperation, maxMs: number) {
  return duration(0, maxMs).prefault(toDurationText(capabilityOf(operation).expectedDelayMs));
}

export const expectedDelayText = 'Normal time until the provider can return new data of this account.';
