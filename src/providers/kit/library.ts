import type { EpochMs } from '../../model/time.ts';

/*
 * Interface to the credential libraries of the providers. They are optional: only an account whose config
 * names one of their sources loads its library, in a thread of its own (library-thread.ts).
 */

/** Temporary credentials, as the provider handed them out. */
export interface Issued<Credentials> {
  readonly credentials: Credentials;
  /** Time at which they expire, by the provider's clock; undefined if unknown or never. */
  readonly expiresAt: EpochMs | undefined;
}

/** Request for credentials from the library of a provider. */
export interface LibraryRequest {
  /** Script of the thread, which loads the library. */
  readonly script: URL;
  /** Source of the credentials, as in the config, such as `ecs_role`. */
  readonly from: string;
  /**
   * URL of the service that the library calls, if it can use a proxy. The proxy of the account for this URL
   * applies. Undefined: the library uses no proxy, because a metadata address means the host itself.
   */
  readonly proxiedUrl: string | undefined;
}

/** Task of the thread of a library. */
export interface LibraryTask {
  /** Source of the credentials, as in the config. */
  readonly from: string;
  /** Environment of the thread. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Keys that a library returns. No field is empty. */
export interface LibraryKeys {
  readonly id: string;
  readonly secret: string;
  /** Token of temporary credentials; undefined if the keys are permanent. */
  readonly token: string | undefined;
}

/**
 * Function that gets keys from a library. Rejects with a ProviderError of kind `auth` or `unavailable`, after
 * some seconds at the latest. Its message contains no text that can be a secret.
 */
export type AskLibrary = (request: LibraryRequest) => Promise<Issued<LibraryKeys>>;

/** Failure of a library. The text contains no secret. */
export interface LibraryFailure {
  readonly kind: 'auth' | 'unavailable';
  readonly text: string;
}

/** Message from the thread of a library to its parent. */
export type LibraryAnswer = { readonly issued: Issued<LibraryKeys> } | { readonly failure: LibraryFailure };
