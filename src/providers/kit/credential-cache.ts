import type { RenewableSecrets } from '../../calls/call.ts';
import { type EpochMs, hourMs, minuteMs, secondMs } from '../../model/time.ts';
import type { CurrentCredentials } from './credentials.ts';
import type { Issued } from './library.ts';

export interface CredentialCacheParts<Credentials> {
  /**
   * Gets new credentials, without any state of earlier calls: a failed call must not make the next one fail.
   * Must end within some seconds.
   */
  readonly issue: () => Promise<Issued<Credentials>>;
  /**
   * Reports that the credentials cannot be renewed (`problem`), or that they can again (undefined). Not
   * called while there are no credentials to use: then the requests fail, and are reported.
   */
  readonly onRenewal: (problem: unknown) => void;
  readonly now: () => EpochMs;
  /** Returns the monotonic time in ms. */
  readonly elapsed: () => number;
}

/** Time in ms after which credentials are renewed whose expiry is unknown, such as those of a profile. */
const renewUnknownMs = 5 * minuteMs;
/** Minimum and maximum time in ms until credentials are renewed whose expiry is known. */
const minRenewMs = 10 * secondMs;
const maxRenewMs = hourMs;

/** Time in ms before the expiry at which credentials are no longer used: a request takes that long. */
const expiryMarginMs = 10 * secondMs;

/**
 * Minimum time in ms from a failure to the next call of `issue`. It grows with each failure, up to the
 * maximum.
 */
const retryMs = 5 * secondMs;
const maxRetryMs = 15 * secondMs;

/**
 * Minimum age in ms of credentials that are replaced because the provider rejected them. Without it, a
 * missing permission would cause a call of `issue` per request.
 */
const minRejectedAgeMs = minuteMs;

/** Credentials in use. All times are monotonic ms. */
interface Current<Credentials> {
  readonly credentials: Credentials;
  readonly issuedAt: number;
  readonly renewAt: number;
  readonly usableUntil: number;
}

interface Failure {
  readonly error: unknown;
  /** Number of failures since the last success. */
  readonly count: number;
  readonly retryAt: number;
}

/**
 * Creates the cache of an account's temporary credentials. At half of their remaining life, new ones are
 * fetched in the background, and the old ones stay in use until the new ones exist, so that no request waits
 * or fails. Only without usable credentials does a request wait. There is at most one call of `issue` at a
 * time. The local clock alone makes no credentials unusable at once, because it can be wrong: the provider
 * decides.
 */
export function createCredentialCache<Credentials>({
  issue,
  onRenewal,
  now,
  elapsed,
}: CredentialCacheParts<Credentials>): CurrentCredentials<Credentials> & {
  readonly renewable: RenewableSecrets;
} {
  let current: Current<Credentials> | undefined;
  let version = 0;
  let failure: Failure | undefined;
  let pending: Promise<void> | undefined;

  function accept({ credentials, expiresAt }: Issued<Credentials>): void {
    const at = elapsed();
    const remainingMs = expiresAt === undefined ? Infinity : expiresAt - now();
    const renewMs =
      expiresAt === undefined ? renewUnknownMs : Math.min(maxRenewMs, Math.max(minRenewMs, remainingMs / 2));
    if (failure !== undefined && current !== undefined) onRenewal(undefined);
    failure = undefined;
    // A role endpoint returns the same credentials until shortly before they expire.
    const isSame = JSON.stringify(credentials) === JSON.stringify(current?.credentials);
    if (!isSame) version += 1;
    current = {
      credentials,
      issuedAt: at,
      renewAt: at + renewMs,
      usableUntil: at + Math.max(remainingMs - expiryMarginMs, renewMs),
    };
  }

  function refuse(error: unknown): void {
    const count = (failure?.count ?? 0) + 1;
    if (failure === undefined && current !== undefined) onRenewal(error);
    failure = { error, count, retryAt: elapsed() + Math.min(maxRetryMs, retryMs * count) };
  }

  /** Calls `issue`, unless a call is in progress or the last one failed just now. Never rejects. */
  async function renewOnce(): Promise<void> {
    if (pending === undefined && failure !== undefined && elapsed() < failure.retryAt) return;
    pending ??= issue()
      .then(accept, refuse)
      .finally(() => {
        pending = undefined;
      });
    await pending;
  }

  async function waitForNew(): Promise<Credentials> {
    await renewOnce();
    if (failure !== undefined) throw failure.error;
    if (current === undefined) throw new Error('no credentials, although getting them succeeded');
    return current.credentials;
  }

  return {
    get() {
      const at = elapsed();
      if (current === undefined || at >= current.usableUntil) return waitForNew();
      if (at >= current.renewAt) void renewOnce();
      return current.credentials;
    },
    renewable: {
      version: () => version,
      async renew() {
        const isYoung = current !== undefined && elapsed() - current.issuedAt < minRejectedAgeMs;
        if (pending === undefined && isYoung) return;
        await renewOnce();
      },
    },
  };
}
