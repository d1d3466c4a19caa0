import type { Issued, LibraryKeys, LibraryTask } from '../kit/library.ts';
import { PlainFailure } from '../kit/library-failure.ts';

/** Part of `@alicloud/credentials` that the exporter uses. */
export interface AlibabaLibrary {
  readonly EnvironmentVariableCredentialsProvider: ProviderClass;
  readonly OIDCRoleArnCredentialsProvider: ProviderClass;
  readonly CLIProfileCredentialsProvider: ProviderClass;
  readonly ProfileCredentialsProvider: ProviderClass;
  readonly ECSRAMRoleCredentialsProvider: ProviderClass;
  readonly URICredentialsProvider: ProviderClass;
}

interface ProviderClass {
  /** The builder reads the settings of the provider from the environment. */
  builder(): { build(): Provider };
}

interface Provider {
  getCredentials(): Promise<{
    readonly accessKeyId?: string | undefined;
    readonly accessKeySecret?: string | undefined;
    readonly securityToken?: string | undefined;
  }>;
}

type Env = LibraryTask['env'];

/**
 * Gets keys from one source of Alibaba Cloud. The default chain of the library is not used: without
 * `ALIBABA_CLOUD_CREDENTIALS_URI`, it sends requests to a host `undefined`; it asks the metadata service on
 * every host; and if a configured source fails for a moment, it takes the keys of another one.
 */
export async function askAlibabaLibrary(
  library: AlibabaLibrary,
  { from, env }: LibraryTask,
): Promise<Issued<LibraryKeys>> {
  switch (from) {
    case 'oidc':
      return ask(library.OIDCRoleArnCredentialsProvider);
    case 'ecs_role':
      return ask(library.ECSRAMRoleCredentialsProvider);
    case 'uri':
      // Without the variable, the library sends a request to the host `undefined`.
      requireVariable(env, uriVariable);
      return ask(library.URICredentialsProvider);
    case 'profile':
      return askProfile(library);
    case 'default':
      return askFirstConfigured(library, env);
    default:
      throw new PlainFailure('auth', 'unknown source');
  }
}

const uriVariable = 'ALIBABA_CLOUD_CREDENTIALS_URI';
const oidcVariables = [
  'ALIBABA_CLOUD_ROLE_ARN',
  'ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
  'ALIBABA_CLOUD_OIDC_TOKEN_FILE',
] as const;

/**
 * Asks the first source that the environment or a file configures, in the order of the library's default
 * chain.
 */
async function askFirstConfigured(library: AlibabaLibrary, env: Env): Promise<Issued<LibraryKeys>> {
  if (env.ALIBABA_CLOUD_ACCESS_KEY_ID) return ask(library.EnvironmentVariableCredentialsProvider);
  if (oidcVariables.every((name) => env[name])) return ask(library.OIDCRoleArnCredentialsProvider);
  const fromProfile = await askProfile(library).catch((error: unknown) => {
    if (error === noProfile) return undefined;
    throw error;
  });
  if (fromProfile !== undefined) return fromProfile;
  // A request to the metadata service needs a decision: in a pod, it returns the role of the node.
  if (env.ALIBABA_CLOUD_ECS_METADATA) return ask(library.ECSRAMRoleCredentialsProvider);
  if (env[uriVariable]) return ask(library.URICredentialsProvider);
  throw new PlainFailure(
    'auth',
    'no source is configured: neither access key, OIDC, profile, ALIBABA_CLOUD_ECS_METADATA nor ALIBABA_CLOUD_CREDENTIALS_URI',
  );
}

const noProfile = new PlainFailure(
  'auth',
  'no profile: neither ~/.aliyun/config.json nor ~/.alibabacloud/credentials can be read',
);

/** Asks the profile of the command line tool, or the one in the shared file if the tool has no config. */
async function askProfile({
  CLIProfileCredentialsProvider,
  ProfileCredentialsProvider,
}: AlibabaLibrary): Promise<Issued<LibraryKeys>> {
  try {
    return await ask(CLIProfileCredentialsProvider);
  } catch (error) {
    if (!isTextOf(error, /^reading aliyun cli config|CLI profile is disabled/)) throw error;
  }
  try {
    return await ask(ProfileCredentialsProvider);
  } catch (error) {
    throw isTextOf(error, /^ENOENT/) ? noProfile : error;
  }
}

function isTextOf(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && pattern.test(error.message);
}

async function ask(provider: ProviderClass): Promise<Issued<LibraryKeys>> {
  const asked = provider.builder().build();
  const { accessKeyId: id, accessKeySecret: secret, securityToken } = await asked.getCredentials();
  if (!id || !secret) throw new PlainFailure('auth', 'the library returned no keys');
  return { credentials: { id, secret, token: securityToken || undefined }, expiresAt: expiryOf(asked) };
}

/**
 * Returns the time at which the keys expire. The library does not hand it out, so it is read from a private
 * field, directly or of the provider that a profile names; undefined if there is none.
 */
function expiryOf(provider: unknown): number | undefined {
  const { session, innerProvider } = Object(provider) as { session?: unknown; innerProvider?: unknown };
  if (innerProvider !== undefined) return expiryOf(innerProvider);
  const { expiration } = Object(session) as { expiration?: unknown };
  const at = typeof expiration === 'string' ? Date.parse(expiration) : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
}

function requireVariable(env: Env, name: string): void {
  if (!env[name]) throw new PlainFailure('auth', `environment variable ${name} is not set`);
}
