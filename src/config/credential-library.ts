import type { Diagnostic } from '../text/diagnostics.ts';
import type { Account } from './config.ts';

/**
 * Returns the problems with the credential libraries of the accounts: packages that are not installed, and
 * environment variables that a library requires. `isInstalled` reports whether a package can be loaded.
 */
export function libraryProblems(
  accounts: readonly Account[],
  env: Readonly<Record<string, string | undefined>>,
  isInstalled: (name: string) => boolean = canResolve,
): readonly Diagnostic[] {
  return accounts.flatMap(({ credentialLibrary: library }, index) => {
    if (library === undefined) return [];
    const { name, version, path, variables } = library;
    const texts = [
      ...(isInstalled(name)
        ? []
        : [`the package ${name} is not installed; run "npm install ${name}@${version}"`]),
      ...variables
        .filter((variable) => !env[variable])
        .map((variable) => `not set (environment variable ${variable})`),
    ];
    return texts.map((text) => ({
      line: undefined,
      column: undefined,
      path: `accounts.${index}.${path}`,
      text,
    }));
  });
}

/** Reports whether the exporter can load a package. Finds it as `import` does, and does not load it. */
function canResolve(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
