import type { Call } from '../../../calls/call.ts';
import { ProviderError } from '../../../model/answer.ts';
import type { FailureReason } from '../../../model/failure-reason.ts';
import type { StreamStateSource } from '../../../model/questions.ts';
import { defaultAppName } from '../../../model/target.ts';
import { unexpectedShape } from '../../kit/json.ts';
import { readFields, readText } from '../../kit/values.ts';

const operation = 'DescribeLiveStreamState';

/**
 * Creates the source of the state of single streams, which calls DescribeLiveStreamState of API 3.0. The
 * documented states are active, inactive and forbid.
 */
export function createApi3StreamState(call: Call): StreamStateSource {
  return {
    operation,
    async isForbidden({ domain, appName, stream }, signal) {
      const query = { DomainName: domain, AppName: appName || defaultAppName, StreamName: stream };
      const response = await call(operation, query, signal).catch(unlessUnknown);
      // An error code says that the provider knows no such stream.
      if (response === undefined) return undefined;
      const state = readText(readFields(response)?.StreamState)?.toLowerCase();
      if (state === undefined) throw unexpectedShape(`tencent ${operation}`, 'StreamState');
      return state === 'forbid' ? true : ['active', 'inactive'].includes(state) ? false : undefined;
    },
  };
}

/** Reasons of refusals that are not about the requested stream: other requests of the account fail in the same way. */
const otherReasons: ReadonlySet<FailureReason | undefined> = new Set([
  'service_stopped',
  'service_not_enabled',
  'domain_not_found',
  'not_offered',
  'endpoint',
]);

/**
 * Returns undefined for a request that the provider refuses because of the stream, such as an unknown stream. A code of
 * unknown meaning counts as such: it must not end the requests for the other streams of the domain.
 */
function unlessUnknown(error: unknown): undefined {
  if (error instanceof ProviderError && error.kind === 'refused' && !otherReasons.has(error.reason)) {
    return undefined;
  }
  throw error;
}
