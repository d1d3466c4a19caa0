import type { Http, HttpResponse, SignedCall } from '../../../calls/call.ts';
import type { ProviderError } from '../../../model/answer.ts';
import type { EpochMs } from '../../../model/time.ts';
import type { GetCredentials } from '../../kit/credentials.ts';
import { isSuccess } from '../../kit/http-failure.ts';
import { rethrowWith } from '../../kit/message.ts';
import { sendWithResign } from '../../kit/resign.ts';
import type { Api3Credentials } from '../credentials.ts';
import { type ParsedEnvelope, readApi3Envelope } from './envelope.ts';
import { isEmpty, needsResign, toFailure } from './errors.ts';
import { createRequests } from './request.ts';

export interface Api3Access {
  /** Scheme, host and port of the API. All operations have the path `/`. */
  readonly endpoint: string;
  readonly http: Http;
  readonly getCredentials: GetCredentials<Api3Credentials>;
  readonly now: () => EpochMs;
}

interface ParsedResponse {
  readonly failure: ProviderError | undefined;
  readonly envelope: ParsedEnvelope | undefined;
}

/**
 * Creates the function that signs and sends one request to API 3.0. The function resolves with the fields of the
 * object `Response`, or with undefined if the provider says by an error code that it has no data.
 */
export function createApi3Call({ endpoint, http, getCredentials, now }: Api3Access): SignedCall {
  const toRequest = createRequests(endpoint, now);
  return async (operation, query, signal) => {
    const context = `tencent ${operation}`;
    const signAndSend = async (): Promise<ParsedResponse> => {
      const credentials = await getCredentials(signal);
      const { request, signature } = toRequest(credentials, operation, query);
      const response = await http(request, signal).catch(rethrowWith(context));
      const envelope = readAnyEnvelope(response, context);
      const { secretId, secretKey, token = '' } = credentials;
      const secrets = [secretId, secretKey, token, signature];
      return {
        failure: toFailure({ operation, response, error: envelope?.error, now: now(), secrets }),
        envelope,
      };
    };

    const { failure, envelope } = await sendWithResign(signAndSend, isRejectedTime);
    if (failure !== undefined) throw failure;
    return envelope?.error !== undefined && isEmpty(envelope.error) ? undefined : envelope?.fields;
  };
}

function isRejectedTime({ envelope }: ParsedResponse): boolean {
  return envelope?.error !== undefined && needsResign(envelope.error);
}

/**
 * Parses the envelope of a response. Returns undefined if the HTTP status is a failure and the body does not come
 * from Tencent Cloud, such as HTML from a proxy. Throws `malformed` if the HTTP status is 2xx and the body cannot be
 * parsed.
 */
function readAnyEnvelope(response: HttpResponse, context: string): ParsedEnvelope | undefined {
  if (isSuccess(response)) return readApi3Envelope(response.text, context);
  try {
    return readApi3Envelope(response.text, context);
  } catch {
    return undefined;
  }
}
