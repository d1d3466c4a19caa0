import type { Issued, LibraryKeys, LibraryTask } from '../kit/library.ts';
import { PlainFailure } from '../kit/library-failure.ts';

/** Part of `tencentcloud-sdk-nodejs-common` that the exporter uses. */
export interface TencentLibrary {
  readonly CvmRoleCredential: new () => Credential;
  /** Without arguments, the settings are those of a pod in TKE, from the environment. */
  readonly OIDCRoleArnCredential: new () => Credential;
}

interface Credential {
  getCredential(): Promise<{
    readonly secretId?: string | undefined;
    readonly secretKey?: string | undefined;
    readonly token?: string | undefined;
  }>;
}

/**
 * Gets keys from one source of Tencent Cloud. The default chain of the library is not used: it prefers the
 * role of the node to the role of the pod, and returns empty keys if everything fails.
 */
export async function askTencentLibrary(
  library: TencentLibrary,
  { from }: Pick<LibraryTask, 'from'>,
): Promise<Issued<LibraryKeys>> {
  switch (from) {
    case 'cvm_role':
      return ask(new library.CvmRoleCredential());
    case 'tke_oidc':
      return ask(new library.OIDCRoleArnCredential());
    default:
      throw new PlainFailure('auth', 'unknown source');
  }
}

async function ask(credential: Credential): Promise<Issued<LibraryKeys>> {
  limitRepeats(credential);
  const { secretId: id, secretKey: secret, token } = await credential.getCredential();
  if (!id || !secret) throw new PlainFailure('auth', 'the library returned no keys');
  return { credentials: { id, secret, token: token || undefined }, expiresAt: await expiryOf(credential) };
}

/**
 * Makes the second repeat of a request fail. If an answer has expired, `getCredential` of the library calls
 * itself without pause and without end.
 */
function limitRepeats(credential: Credential): void {
  const original = credential.getCredential.bind(credential);
  let calls = 0;
  credential.getCredential = () => {
    calls += 1;
    if (calls <= 2) return original();
    return Promise.reject(
      new PlainFailure('unavailable', 'the service returns expired keys, or the clock of this host is ahead'),
    );
  };
}

/**
 * Returns the time at which the keys expire. The library does not hand it out, so it is read from a private
 * field; undefined if there is none.
 */
async function expiryOf(credential: object): Promise<number | undefined> {
  const { credentialTask } = credential as { credentialTask?: unknown };
  const { ExpiredTime: seconds } = Object(await credentialTask) as { ExpiredTime?: unknown };
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
