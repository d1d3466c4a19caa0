import { dirname, isAbsolute, join } from 'node:path';

/** A path that stands in `file`: relative to its folder, unless it is absolute. */
export function resolveRelativeTo(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}
