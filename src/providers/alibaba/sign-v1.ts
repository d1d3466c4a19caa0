import { createHmac } from 'node:crypto';
import type { Query } from '../../calls/call.ts';
import { percentEncode, toCanonicalQuery } from './query-string.ts';

/**
 * Returns the value of the request parameter `Signature`: HMAC-SHA1 in base64. Sources:
 * help.aliyun.com/document_detail/50286 (Live) and 28839 (all products), whose examples are test vectors. In
 * the example on page 50286, the string to sign is wrong, but the signature is correct.
 */
export function signV1(method: string, parameters: Query, accessKeySecret: string): string {
  const stringToSign = `${method}&${percentEncode('/')}&${percentEncode(toCanonicalQuery(parameters))}`;
  // As in OAuth 1.0, the HMAC key consists of the access key secret, `&` and a token secret. Alibaba Cloud
  // has no token secret, so that part is empty.
  return createHmac('sha1', `${accessKeySecret}&`).update(stringToSign).digest('base64');
}
