import type { Call, Http, RenewableSecrets, SignedCall } from '../calls/call.ts';
import type { Sources } from '../model/questions.ts';
import type { InSlices } from '../model/slices.ts';
import type { CredentialParts, GetCredentials, GetSecret } from './kit/credentials.ts';

/** Parts of a configured account that the code of its provider requires. */
export interface ProviderAccount {
  /** Field `settings` of the account in the Config. Each provider parses it with its own schema. */
  readonly settings: unknown;
  readonly getSecret: GetSecret;
}

/** Functions that the code of a provider requires to send requests. */
export interface ProviderParts extends CredentialParts {
  readonly http: Http;
  /**
   * Wraps a signed call with retry, rate limit, observer and deadline. If the provider rejects its
   * credentials, it renews `renewable`, or by default the secrets of the config.
   */
  readonly wrap: (call: SignedCall, renewable?: RenewableSecrets) => Call;
  /** Returns a nonce that differs from those of all earlier calls. */
  readonly nonce: () => string;
  /**
   * Processes the rows of a list, which can have tens of thousands, in slices of the event loop. Rows of history are
   * not read with it: an answer has few, and an update of a record must not be interrupted.
   */
  readonly inSlices: InSlices;
}

/** Unit of the bit rates in the responses of an operation, which a setting of the account changes. */
export interface BitrateUnits {
  readonly current: string;
  /** Number of bits per second that the number 1 means, by unit that the setting can have. */
  readonly bitsPer: Readonly<Record<string, number>>;
}

/** What a remedy for a failure depends on, and only the code of the provider knows. */
export interface ProviderAdvice {
  /** Name of the service that manages permissions. */
  readonly permissionService: string;
  /**
   * Returns the policy that permits some operations, in the JSON form that the provider's console accepts.
   */
  policyFor(operations: readonly string[]): object;
  /** Returns the unit of an operation's bit rates. Absent if no setting changes it. */
  bitrateUnitsOf?(settings: unknown, operation: string): BitrateUnits;
}

/**
 * Entry point of one provider, which its `index.ts` exports. `AccountSources` has one source for each kind of
 * data (such as push_stats) that the provider can return.
 */
export interface ProviderModule<AccountSources = Sources> {
  /** Name of the provider, which is the value of the label `provider`. */
  readonly name: string;
  readonly operations: readonly string[];
  readonly questions: readonly string[];
  /**
   * Whether anybody who reads a signed request on the network can send it again until its signature expires.
   */
  readonly hasReplayableRequests: boolean;
  /** Creates the function that returns the credentials of an account. */
  credentials(account: ProviderAccount, parts: CredentialParts): GetCredentials<unknown>;
  createSources(account: ProviderAccount, parts: ProviderParts): AccountSources;
  readonly advice?: ProviderAdvice;
}
