import type { CancelSignal, Http, HttpResponse, Query, SignedCall } from '../../calls/call.ts';
import { ProviderError } from '../../model/answer.ts';
import { type ParsedEnvelope, readAlibabaEnvelope } from './envelope.ts';
import { needsResign, toFailure } from './errors.ts';
import { percentEncode } from './query-string.ts';
import { type AlibabaSigning, toSignedRequest } from './request.ts';

export interface AlibabaAccess extends AlibabaSigning {
  readonly http: Http;
}

/** One signed call of Live's API. Brings all that the answer holds, whether it came as JSON or as XML. */
export function createAlibabaCall(access: AlibabaAccess): SignedCall {
  return async (operation, query, signal) => {
    let told = await ask(access, operation, query, signal);
    // Once more with a fresh time and nonce: the request may only have been long on its way, or sent twice by a proxy.
    if (told.failure?.kind === 'auth' && told.isSpent) told = await ask(access, operation, query, signal);
    if (told.failure !== undefined) throw told.failure;
    return told.fields;
  };
}

interface Told {
  readonly failure: ProviderError | undefined;
  readonly isSpent: boolean;
  readonly fields: ParsedEnvelope['fields'] | undefined;
}

async function ask(
  access: AlibabaAccess,
  operation: string,
  query: Query,
  signal: CancelSignal,
): Promise<Told> {
  const context = `alibaba ${operation}`;
  const { request, signature } = toSignedRequest(access, operation, query);

  const answer = await access.http(request, signal).catch((error: unknown) => {
    throw error instanceof ProviderError ? named(error, context) : error;
  });
  const frame = readAnyFrame(answer, context);
  const failure = toFailure({
    operation,
    answer,
    status: frame?.status,
    now: access.now(),
    secrets: [access.accessKeyId, access.accessKeySecret, access.securityToken ?? '', signature].flatMap(
      spellings,
    ),
  });
  return { failure, isSpent: frame !== undefined && needsResign(frame.status), fields: frame?.fields };
}

/** undefined for a body that is nobody's, with a status that says enough: a proxy may answer in HTML, or not a word. */
function readAnyFrame({ status, text }: HttpResponse, context: string): ParsedEnvelope | undefined {
  if (status >= 200 && status < 300) return readAlibabaEnvelope(text, context);
  try {
    return readAlibabaEnvelope(text, context);
  } catch {
    return undefined;
  }
}

/** As it is, as it stands in a query (which others write in small letters), and as in the string that is signed. */
function spellings(secret: string): string[] {
  const once = percentEncode(secret);
  const small = once.replace(/%../g, (byte) => byte.toLowerCase());
  return [secret, once, small, percentEncode(once)];
}

/** The transport knows neither provider nor operation. */
function named({ kind, message }: ProviderError, context: string): ProviderError {
  return new ProviderError(kind, `${context}: ${message}`);
}
