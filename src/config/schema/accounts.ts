import type * as z from 'zod';
import { AlibabaAccountSchema, alibabaAccount } from './account-alibaba.ts';
import type { AccountKind } from './account-parts.ts';
import { TencentAccountSchema, tencentAccount } from './account-tencent.ts';
import { byProvider } from './values.ts';

export const AccountSchema = byProvider(TencentAccountSchema, AlibabaAccountSchema).describe(
  'One set of credentials and limits at a provider.',
);

export type AccountInput = z.output<typeof AccountSchema>;

const accountKinds = new Map<string, AccountKind>(
  [tencentAccount, alibabaAccount].map((kind) => [kind.provider, kind]),
);

/**
 * Returns the description of a provider's accounts; undefined if `provider` is not the name of a known
 * provider.
 */
export function accountKindOf(provider: unknown): AccountKind | undefined {
  return typeof provider === 'string' ? accountKinds.get(provider) : undefined;
}
