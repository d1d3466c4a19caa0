/**
 * What a call resolves with if the provider does not offer an optional operation to the account. This is no
 * failure: the exporter works without the operation.
 */
export const notOffered = Symbol('not offered');

/**
 * Reports whether the result of a call says that the provider does not offer the operation to the account.
 */
export function isNotOffered(result: unknown): boolean {
  return result === notOffered;
}
