import { ProviderError } from '../model/answer.ts';
import { defaultAppName } from '../model/target.ts';

/** Maximum number of other applications that are tried. Each costs a request. */
const maxOthers = 3;

/**
 * Returns the applications under which a stream could be instead: those of the config for the same domain,
 * the default one, and the name in lower case.
 */
export function otherApps(appName: string, ofDomain: readonly string[]): readonly string[] {
  const candidates = [appName.toLowerCase(), defaultAppName, ...ofDomain];
  const current = appName || defaultAppName;
  return [...new Set(candidates)].filter((each) => each !== '' && each !== current).slice(0, maxOthers);
}

/**
 * Returns the first application for which `hasData` resolves with true; undefined if there is none. A refused
 * request means that the provider does not know the application: nobody configured it, so that is no failure.
 */
export async function firstApp(
  candidates: readonly string[],
  hasData: (appName: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const appName of candidates) {
    const isFound = await hasData(appName).catch((error: unknown) => {
      if (error instanceof ProviderError && error.kind === 'refused') return false;
      throw error;
    });
    if (isFound) return appName;
  }
  return undefined;
}
