import { createHash } from 'node:crypto';

/**
 * The signature of every call that ends at `t`, in seconds since 1970: it covers no parameter, so until then whoever
 * has read it may ask anything of the account. Source: cloud.tencent.com/document/product/454/7920, whose example is
 * in the test.
 */
export function signStatcgi(key: string, t: number): string {
  return createHash('md5').update(`${key}${t}`).digest('hex');
}
