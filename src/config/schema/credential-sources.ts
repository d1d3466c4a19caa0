import type * as z from 'zod';
import { isGiven, isMapping, valueAt } from '../../text/plain-value.ts';
import type { CredentialLibrary } from '../config.ts';
import { section } from './values.ts';

/** Source of credentials that are secrets of the config. */
const fromSecrets = 'static';

/** Returns the schema of the key `credentials`. `from` is the schema of its only key. */
export function credentialSource<From extends z.ZodType>(from: From) {
  return section({ from }).prefault({}).describe('Source of the credentials.');
}

/** Reports whether the credentials of an account, or of one of its APIs, are secrets of the config. */
export function usesSecrets(value: object): boolean {
  const from = valueAt(value, ['credentials', 'from']);
  return from === undefined || from === fromSecrets;
}

/**
 * Returns the arguments of a zod refinement, which requires that no reference to a secret is given if the
 * credentials have another source. `stems` are the names of the secrets.
 */
export function noUnusedReferenceOf(stems: readonly string[]) {
  const givenIn = (value: unknown) =>
    stems.flatMap((stem) => [`${stem}_env`, `${stem}_file`]).filter((key) => isGiven(value, [key]));
  return [
    (value: object) => usesSecrets(value) || givenIn(value).length === 0,
    {
      error: ({ input }: { readonly input?: unknown }) =>
        `credentials.from names another source of the credentials; remove ${givenIn(input).join(', ')}`,
      when: ({ value }: z.core.ParsePayload) => isMapping(value),
    },
  ] as const;
}

/** npm packages with the credential libraries of the providers, in the versions of package.json. */
const libraries = {
  alibaba: { name: '@alicloud/credentials', version: '2.4.7' },
  tencent: { name: 'tencentcloud-sdk-nodejs-common', version: '4.1.220' },
} as const;

/** Environment variables that a source requires. */
const variables: Readonly<Record<string, readonly string[]>> = {
  oidc: ['ALIBABA_CLOUD_ROLE_ARN', 'ALIBABA_CLOUD_OIDC_PROVIDER_ARN', 'ALIBABA_CLOUD_OIDC_TOKEN_FILE'],
  uri: ['ALIBABA_CLOUD_CREDENTIALS_URI'],
  tke_oidc: ['TKE_REGION', 'TKE_PROVIDER_ID', 'TKE_WEB_IDENTITY_TOKEN_FILE', 'TKE_ROLE_ARN'],
};

/**
 * Returns the library that a source of credentials requires; undefined if the credentials are secrets. `path`
 * is the path of the key `credentials`, relative to the account.
 */
export function libraryOf(
  provider: keyof typeof libraries,
  from: string,
  path: string,
): CredentialLibrary | undefined {
  if (from === fromSecrets) return undefined;
  return { ...libraries[provider], path: `${path}.from`, variables: variables[from] ?? [] };
}
