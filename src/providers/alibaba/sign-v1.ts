import { createHmac } from 'node:crypto';
import type { Query } from '../../calls/call.ts';
import { percentEncode, toCanonicalQuery } from './query-string.ts';

/**
 * Returns the `Signature` of a request: HMAC-SHA1 in base64. Sources: help.aliyun.com/document_detail/50286 (Live) and
 * 28839 (all products), whose examples are test vectors. The string to sign in the example of 50286 is wrong, but its
 * signature is correct.
 */
export function signV1(method: string, parameters: Query, accessKeySecret: string): string {
  const stringToSign = `${method}&${percentEncode('/')}&${percentEncode(toCanonicalQuery(parameters))}`;
  // As in OAuth 1.0, the HMAC key is the secret, & and a token secret, which is empty here.
  return createHmac('sha1', `${accessKeySecret}&`).update(stringToSign).digest('base64');
}
