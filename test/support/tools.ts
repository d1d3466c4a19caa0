import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/** Whether a program of this name can be started from here. */
export function hasTool(name: string, path: string = process.env.PATH ?? ''): boolean {
  return path.split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, name)));
}

/**
 * A `describe` for tests that start a program which is not part of this project. Where the program is missing they are
 * skipped, and it is said; with REQUIRE_TOOLS=1 they fail.
 */
export function describeWithTool(tool: string, name: string, body: () => void): void {
  if (hasTool(tool)) {
    describe(name, body);
  } else if (process.env.REQUIRE_TOOLS === '1') {
    test(name, () => {
      throw new Error(`${tool} is not installed, and REQUIRE_TOOLS=1 asks for it`);
    });
  } else {
    console.warn(`SKIPPED: ${name}: ${tool} is not installed`);
    describe.skip(`${name} (${tool} is not installed)`, body);
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
