import { createHash } from 'node:crypto';

/**
 * Returns the signature of all requests that expire at `t` (seconds since 1970). It covers only `t`, so
 * anybody who reads it can send any request of the account until then. Source:
 * cloud.tencent.com/document/product/454/7920, whose example is a test vector.
 */
export function signStatcgi(key: string, t: number): string {
  return createHash('md5').update(`${key}${t}`).digest('hex');
}
