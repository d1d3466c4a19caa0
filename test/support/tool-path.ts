import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Reports whether the PATH contains a program of this name. */
export function hasTool(name: string, path: string = process.env.PATH ?? ''): boolean {
  return path.split(delimiter).some((directory) => directory !== '' && isExecutable(join(directory, name)));
}

/**
 * Returns the name of Alertmanager's program on the PATH: `alertmanager` in the downloads of the project and in most
 * packages, `prometheus-alertmanager` in Debian's package, whose name is also the result if the PATH has neither.
 */
export function alertmanagerTool(path?: string): string {
  return hasTool('alertmanager', path) ? 'alertmanager' : 'prometheus-alertmanager';
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
