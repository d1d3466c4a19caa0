import type { Call, Http, SignedCall } from '../calls/call.ts';
import type { Sources } from '../model/questions.ts';
import type { EpochMs } from '../model/time.ts';
import type { GetCredentials, GetSecret } from './kit/credentials.ts';

/** One account as its provider sees it. */
export interface ProviderAccount {
  /** Settings of the config, which the provider parses with a schema of its own. */
  readonly settings: unknown;
  readonly getSecret: GetSecret;
}

/** What a provider needs to send requests. */
export interface ProviderParts {
  readonly http: Http;
  /** Adds the wrappers to a signed call: retry, rate limit, observer, deadline. */
  readonly wrap: (call: SignedCall) => Call;
  readonly now: () => EpochMs;
  /** Returns a value that is different on each call. */
  readonly nonce: () => string;
}

/**
 * Entry point of one provider: the export of its `index.ts`. `AccountSources` has a source for each question
 * that the provider can answer.
 */
export interface ProviderModule<AccountSources = Sources> {
  /** Value of the label `provider`. */
  readonly name: string;
  readonly operations: readonly string[];
  readonly questions: readonly string[];
  /** Whether a reader of a signed request can replay it until its signature expires. */
  readonly hasReplayableRequests: boolean;
  /** Returns the function that gets the credentials of an account. */
  credentials(account: ProviderAccount): GetCredentials<unknown>;
  createSources(account: ProviderAccount, parts: ProviderParts): AccountSources;
}
