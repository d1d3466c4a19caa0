import { dirname, isAbsolute, join } from 'node:path';

/** Resolves a path that is written in `file` relative to the directory of that file, unless it is absolute. */
export function resolveRelativeTo(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}
