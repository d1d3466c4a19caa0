import { createHash } from 'node:crypto';
import type { Account, SecretRef } from '../config/config.ts';
import { type Secrets, secretKey } from '../config/secrets.ts';

/**
 * Returns a hash of the account that changes with each of its settings and secrets, but reveals none of them.
 * The secrets of other accounts do not change it.
 */
export function fingerprintOf(account: Account, secrets: Secrets): string {
  const refs: SecretRef[] = Object.values(account.secrets);
  if (account.proxyUrlEnv !== undefined) refs.push({ from: 'env', name: account.proxyUrlEnv });
  const own = refs.map((ref) => secrets.get(secretKey(ref)) ?? null);
  return createHash('sha256')
    .update(JSON.stringify([account, own]))
    .digest('hex');
}
