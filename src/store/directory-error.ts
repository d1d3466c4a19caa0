import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDanglingLink } from './file-identity.ts';
import { accessError, checkAccess, deniedPath, isDenied } from './private-files.ts';
import { cantOpen, diskRemedy, KeptFileError, readOnly, reasonOf, resultCode } from './sqlite-errors.ts';

/** Error that the state directory cannot be created or is not writable. */
export class StateDirectoryError extends Error {
  constructor(directory: string, cause: unknown) {
    super(`cannot store state in ${directory}: ${directoryProblem(directory, cause)}`, { cause });
    this.name = 'StateDirectoryError';
  }
}

/** Returns why the directory is not usable, and the remedy. */
function directoryProblem(directory: string, cause: unknown): string {
  const choose = 'choose a writable directory with --storage.path';
  try {
    if (isDanglingLink(directory)) {
      return `it is a symbolic link to a missing directory; create that directory, or ${choose}`;
    }
    // SQLite's own message does not name the cause.
    if ([cantOpen, readOnly].includes(resultCode(cause)))
      checkAccess(directory, [join(directory, 'lock.db')]);
    if (isDenied(cause) && existsSync(directory)) throw accessError(directory, deniedPath(directory, cause));
  } catch (error) {
    if (error instanceof KeptFileError) return `${error.message}; ${error.remedy}; or ${choose}`;
    return `${reasonOf(error)}; ${choose}`;
  }
  const remedy = diskRemedy(cause);
  // Somebody in a hurry follows the message, and another directory lacks the totals.
  return `${reasonOf(cause)}; ${remedy === undefined ? choose : `${remedy} (in another directory, all totals start at 0)`}`;
}
