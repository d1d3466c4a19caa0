import type { Http, HttpResponse, SignedCall } from '../../../calls/call.ts';
import type { EpochMs } from '../../../model/time.ts';
import type { GetCredentials } from '../../kit/credentials.ts';
import { quote, rethrowWith } from '../../kit/message.ts';
import { sendWithResign } from '../../kit/resign.ts';
import type { StatcgiCredentials } from '../credentials.ts';
import { type ParsedEnvelope, readStatcgiEnvelope } from './envelope.ts';
import { isEmptyStatus, needsResign, toFailure, toHttpFailure, toMissingOutput } from './errors.ts';
import { createSigner, type StatcgiEndpoint, toRequest } from './request.ts';

export interface StatcgiAccess extends StatcgiEndpoint {
  readonly http: Http;
  readonly getCredentials: GetCredentials<StatcgiCredentials>;
  readonly now: () => EpochMs;
}

/**
 * Creates the function that signs and sends one request to the statistics API at statcgi.video.qcloud.com.
 * The function resolves with the field `output` of the response, or with undefined if the response says that
 * the provider has no data. The function rejects if `output` is missing for any other reason.
 */
export function createStatcgiCall(access: StatcgiAccess): SignedCall {
  const { http, getCredentials, now } = access;
  const signNow = createSigner(now);
  return async (operation, query, signal) => {
    const context = `tencent ${operation}`;
    const signAndSend = async (): Promise<ParsedEnvelope> => {
      const { key } = await getCredentials(signal);
      const signature = signNow(key);
      const request = toRequest(access, signature, operation, query);
      const response = await http(request, signal).catch(rethrowWith(context));
      return readResponse(response, [key, signature.sign], context, now());
    };

    const { status, output, isNoData } = await sendWithResign(signAndSend, (parsed) =>
      needsResign(parsed.status),
    );
    const failure = toFailure(status, context);
    if (failure !== undefined) throw failure;
    if (isNoData || isEmptyStatus(status)) return undefined;
    if (output === undefined) throw toMissingOutput(status, context);
    return output;
  };
}

function readResponse(
  response: HttpResponse,
  secrets: readonly string[],
  context: string,
  now: EpochMs,
): ParsedEnvelope {
  const failure = toHttpFailure(response, context, now);
  if (failure !== undefined) throw failure;

  const envelope = readStatcgiEnvelope(response.text, context);
  const { status, output } = envelope;
  // The text of a success with a payload cannot appear in an error message, so it need not be made safe.
  if (status.code === 0 && output !== undefined) return envelope;
  return { ...envelope, status: { code: status.code, text: quote(status.text, secrets) } };
}
