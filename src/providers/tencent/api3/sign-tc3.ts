import { createHash, createHmac } from 'node:crypto';
import { type EpochMs, secondMs } from '../../../model/time.ts';

const algorithm = 'TC3-HMAC-SHA256';

/** Names of the signed headers, in the order of the canonical request. */
const signedHeaders = 'content-type;host;x-tc-action';

/** Parts of a POST request with the path `/` that the signature covers. */
export interface Tc3Request {
  /** Name of the product, such as `live`. */
  readonly service: string;
  /** Host and port, as in the header `Host`. */
  readonly host: string;
  /** Value of the header `Content-Type`. The sent header must be equal, byte by byte. */
  readonly contentType: string;
  readonly action: string;
  readonly body: string;
  /** Time of the request, which is also the value of the header `X-TC-Timestamp` (UNIX seconds). */
  readonly timestamp: number;
}

export interface Tc3Signature {
  /** Value of the header `Authorization`. */
  readonly authorization: string;
  /** Signature that `authorization` contains. It is a secret, so it must not appear in error messages. */
  readonly signature: string;
}

/**
 * Creates the function that signs requests of API 3.0 (TC3-HMAC-SHA256). The signing key depends only on the day,
 * so it is derived once a day. Source: cloud.tencent.com/document/api/267/30661, whose example is a test vector.
 */
export function createTc3Signer() {
  let last: { readonly secretKey: string; readonly scope: string; readonly key: Buffer } | undefined;

  const signingKey = (secretKey: string, date: string, service: string, scope: string): Buffer => {
    if (last?.scope !== scope || last.secretKey !== secretKey) {
      const key = hmac(hmac(hmac(`TC3${secretKey}`, date), service), 'tc3_request');
      last = { secretKey, scope, key };
    }
    return last.key;
  };

  return (request: Tc3Request, secretId: string, secretKey: string): Tc3Signature => {
    const { service, host, contentType, action, body, timestamp } = request;
    const date = utcDate(timestamp * secondMs);
    const scope = `${date}/${service}/tc3_request`;
    const headers = [
      `content-type:${contentType.toLowerCase()}`,
      `host:${host.toLowerCase()}`,
      `x-tc-action:${action.toLowerCase()}`,
    ];
    const canonical = ['POST', '/', '', ...headers, '', signedHeaders, sha256(body)].join('\n');
    const signature = createHmac('sha256', signingKey(secretKey, date, service, scope))
      .update([algorithm, timestamp, scope, sha256(canonical)].join('\n'))
      .digest('hex');
    const credential = `Credential=${secretId}/${scope}`;
    return {
      authorization: `${algorithm} ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
      signature,
    };
  };
}

/** Returns the date in UTC. The local date would be wrong for some hours of the day. */
function utcDate(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 10);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
