import { createCredentialCache } from './credential-cache.ts';
import type { CredentialParts, CurrentCredentials } from './credentials.ts';
import type { LibraryKeys, LibraryRequest } from './library.ts';
import { rethrowWith } from './message.ts';

/**
 * Creates the credentials of an account that come from the library of its provider. `toCredentials` converts
 * the keys to the provider's form, `context` is the first part of error messages.
 */
export function createLibraryCredentials<Credentials>(
  request: LibraryRequest,
  toCredentials: (keys: LibraryKeys) => Credentials,
  context: string,
  { askLibrary, onRenewal, now, elapsed }: CredentialParts,
): CurrentCredentials<Credentials> {
  return createCredentialCache({
    async issue() {
      const { credentials, expiresAt } = await askLibrary(request).catch(rethrowWith(context));
      return { credentials: toCredentials(credentials), expiresAt };
    },
    onRenewal,
    now,
    elapsed,
  });
}
