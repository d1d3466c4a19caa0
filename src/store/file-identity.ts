import { existsSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Returns a text that identifies the file to which `path` refers (device and inode); undefined if there is no
 * file. As long as a process has the file open, no other file has the same identity.
 */
export function identityOf(path: string): string | undefined {
  // Use bigints, because an inode number can exceed the safe integers.
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

/** Reports whether the path is a symbolic link to a missing file or directory. */
export function isDanglingLink(path: string): boolean {
  try {
    readlinkSync(path);
  } catch {
    return false;
  }
  return !existsSync(path);
}

/**
 * Remembers the files to which `paths` refer now; the process must have them open. Returns a function that
 * returns the first change, such as *state.db is missing*; undefined if each path still refers to its file.
 * Paths without a file are ignored.
 */
export function watchFiles(paths: readonly string[]): () => string | undefined {
  const files = paths.flatMap((path) => {
    const identity = identityOf(path);
    return identity === undefined ? [] : [{ path, identity }];
  });
  return () => {
    for (const { path, identity } of files) {
      const now = identityOf(path);
      if (now === undefined) return `${basename(path)} is missing`;
      if (now !== identity) return `${basename(path)} is another file`;
    }
    return undefined;
  };
}
