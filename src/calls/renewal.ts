import { ProviderError } from '../model/answer.ts';
import { type Clock, secondMs } from '../model/time.ts';
import type { Call, RenewableSecrets } from './call.ts';

/** Maximum time in ms for which a call waits for the renewal: a file on a network file system can hang. */
const maxRenewalMs = 2 * secondMs;

/**
 * Repeats a call once if the provider rejects its credentials and newer ones exist: temporary credentials can
 * expire before the exporter has noticed that their files changed.
 */
export function withRenewal(
  call: Call,
  { version, renew }: RenewableSecrets,
  clock: Pick<Clock, 'sleep'>,
): Call {
  return async (operation, query, signal) => {
    const before = version();
    try {
      return await call(operation, query, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof ProviderError && error.kind === 'auth')) throw error;
      await Promise.race([renew(), clock.sleep(maxRenewalMs, signal)]);
      if (version() === before) throw error;
      return call(operation, query, signal);
    }
  };
}
