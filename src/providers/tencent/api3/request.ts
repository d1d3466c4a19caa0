import type { HttpRequest, Query } from '../../../calls/call.ts';
import { type EpochMs, secondMs } from '../../../model/time.ts';
import type { Api3Credentials } from '../credentials.ts';
import { createTc3Signer } from './sign-tc3.ts';

export interface SignedRequest {
  readonly request: HttpRequest;
  /** Signature that `request` contains. It is a secret, so it must not appear in error messages. */
  readonly signature: string;
}

/** API version of the product `live`. Every request contains it. */
const version = '2018-08-01';

const service = 'live';

/** The signature covers this text, so the header must be sent exactly so. */
const contentType = 'application/json; charset=utf-8';

/**
 * Creates the function that builds a signed request to `endpoint` (scheme, host and port). All parameters are
 * in the JSON body. No operation of the exporter needs a region, so the header `X-TC-Region` is not sent.
 */
export function createRequests(endpoint: string, now: () => EpochMs) {
  // The signed host must equal the Host header that the HTTP client sends. Both `URL.host` and the Host
  // header include the port only if it is not the default port of the scheme.
  const { origin, host } = new URL(endpoint);
  const url = `${origin}/`;
  const sign = createTc3Signer();

  return ({ secretId, secretKey, token }: Api3Credentials, action: string, query: Query): SignedRequest => {
    const body = JSON.stringify(query);
    const timestamp = Math.floor(now() / secondMs);
    const { authorization, signature } = sign(
      { service, host, contentType, action, body, timestamp },
      secretId,
      secretKey,
    );
    // Without a spread, because V8 would build the headers of each request property by property.
    const headers = {
      host,
      'content-type': contentType,
      'x-tc-action': action,
      'x-tc-version': version,
      'x-tc-timestamp': String(timestamp),
      authorization,
    };
    return {
      request: {
        method: 'POST',
        url,
        headers: token === undefined ? headers : { ...headers, 'x-tc-token': token },
        body,
      },
      signature,
    };
  };
}
