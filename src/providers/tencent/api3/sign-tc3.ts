import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import { dayMs, secondMs } from '../../../model/time.ts';

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
 * Creates the function that signs requests of API 3.0 (TC3-HMAC-SHA256). The signing key depends only on the
 * day, so it is derived once a day. Source: cloud.tencent.com/document/api/267/30661, whose example is a test
 * vector.
 */
export function createTc3Signer() {
  let last: SigningKey | undefined;

  const signingKey = (secretKey: string, day: number, service: string): SigningKey => {
    if (last?.day !== day || last.secretKey !== secretKey || last.service !== service) {
      last = toSigningKey(secretKey, day, service);
    }
    return last;
  };

  return (request: Tc3Request, secretId: string, secretKey: string): Tc3Signature => {
    const { service, host, contentType, action, body, timestamp } = request;
    const day = Math.floor((timestamp * secondMs) / dayMs);
    const { scope, key } = signingKey(secretKey, day, service);
    const headers =
      `content-type:${contentType.toLowerCase()}\n` +
      `host:${host.toLowerCase()}\n` +
      `x-tc-action:${action.toLowerCase()}\n`;
    const canonical = `POST\n/\n\n${headers}\n${signedHeaders}\n${sha256(body)}`;
    const signature = createHmac('sha256', key)
      .update(`${algorithm}\n${timestamp}\n${scope}\n${sha256(canonical)}`)
      .digest('hex');
    const credential = `Credential=${secretId}/${scope}`;
    return {
      authorization: `${algorithm} ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
      signature,
    };
  };
}

/** Key of one day in UTC: the local date would be wrong for some hours of the day. */
interface SigningKey {
  readonly secretKey: string;
  readonly service: string;
  /** Number of the day since 1970. */
  readonly day: number;
  /** Part of the credential in the header `Authorization`. */
  readonly scope: string;
  /** A key object, because createHmac takes eight times as long with a Buffer. */
  readonly key: KeyObject;
}

function toSigningKey(secretKey: string, day: number, service: string): SigningKey {
  const date = new Date(day * dayMs).toISOString().slice(0, 10);
  const key = hmac(hmac(hmac(`TC3${secretKey}`, date), service), 'tc3_request');
  const scope = `${date}/${service}/tc3_request`;
  return { secretKey, service, day, scope, key: createSecretKey(key) };
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}
