import type { Call } from '../../../calls/call.ts';
import { ProviderError } from '../../../model/answer.ts';
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

/** Returns undefined for a request that the provider refuses, such as for an unknown stream. */
function unlessUnknown(error: unknown): undefined {
  if (error instanceof ProviderError && error.kind === 'refused') return undefined;
  throw error;
}
