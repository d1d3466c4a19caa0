import type { Http, HttpResponse, SignedCall } from '../../../calls/call.ts';
import type { ProviderError } from '../../../model/answer.ts';
import type { EpochMs } from '../../../model/time.ts';
import { readEnvelope } from '../../kit/coded-failure.ts';
import type { GetCredentials } from '../../kit/credentials.ts';
import { rethrowWith } from '../../kit/message.ts';
import { notOffered } from '../../kit/not-offered.ts';
import { sendWithResign } from '../../kit/resign.ts';
import type { Api3Credentials } from '../credentials.ts';
import { type ApiError, type ParsedEnvelope, readApi3Envelope } from './envelope.ts';
import { isActionUnknown, needsResign, toFailure } from './errors.ts';
import { createRequests } from './request.ts';

export interface Api3Access {
  /** Scheme, host and port of the API. All operations have the path `/`. */
  readonly endpoint: string;
  readonly http: Http;
  readonly getCredentials: GetCredentials<Api3Credentials>;
  readonly now: () => EpochMs;
}

/** Operations that only one of the sites offers, so that the exporter has to try. */
const optionalOperations: ReadonlySet<string> = new Set(['DescribeLiveForbidStreamList']);

interface ParsedResponse {
  readonly failure: ProviderError | undefined;
  readonly error: ApiError | undefined;
  /**
   * Fields of a success; undefined if the provider has no data; `notOffered` if the site lacks the operation.
   */
  readonly fields: ParsedEnvelope['fields'] | typeof notOffered | undefined;
}

/**
 * Creates the function that signs and sends one request to API 3.0. The function resolves with the fields of
 * the object `Response`, or with undefined if the provider says by an error code that it has no data. If the
 * site does not offer an optional operation, which is no failure, it resolves with a result for
 * `isNotOffered`.
 */
export function createApi3Call({ endpoint, http, getCredentials, now }: Api3Access): SignedCall {
  const toRequest = createRequests(endpoint, now);
  return async (operation, query, signal) => {
    const context = `tencent ${operation}`;
    const signAndSend = async (): Promise<ParsedResponse> => {
      const credentials = await getCredentials(signal);
      const { request, signature } = toRequest(credentials, operation, query);
      let response: HttpResponse;
      // No `catch` of the promise: it would create a promise and a function more per request.
      try {
        response = await http(request, signal);
      } catch (error) {
        return rethrowWith(context)(error);
      }
      const envelope = readEnvelope(response, (text) => readApi3Envelope(text, context));
      const { secretId, secretKey, token = '' } = credentials;
      const secrets = () => [secretId, secretKey, token, signature];
      const error = envelope?.error;
      if (error !== undefined && optionalOperations.has(operation) && isActionUnknown(error)) {
        return { failure: undefined, error, fields: notOffered };
      }
      const failure = toFailure({ operation, response, error, now: now(), secrets });
      return { failure, error, fields: error === undefined ? envelope?.fields : undefined };
    };

    const { failure, fields } = await sendWithResign(
      signAndSend,
      ({ error }) => error !== undefined && needsResign(error),
    );
    if (failure !== undefined) throw failure;
    return fields;
  };
}
