import { createHmac } from 'node:crypto';
import type { Query } from '../../calls/call.ts';
import { percentEncode, toCanonicalQuery } from './query-string.ts';

/**
 * The `Signature` of a call with these parameters: HMAC-SHA1, in base64. Source: help.aliyun.com/document_detail/50286
 * (Live) and 28839 (all products), whose examples are in the test. The string to sign that the former prints is wrong;
 * its signature is right.
 */
export function signV1(method: string, parameters: Query, accessKeySecret: string): string {
  const text = `${method}&${percentEncode('/')}&${percentEncode(toCanonicalQuery(parameters))}`;
  // The & belongs to the key: where a token's secret would stand in OAuth 1.0, there is nothing.
  return createHmac('sha1', `${accessKeySecret}&`).update(text).digest('base64');
}
