import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/** Reports whether the PATH contains a program of this name. */
export function hasTool(name: string, path: string = process.env.PATH ?? ''): boolean {
  return path.split(delimiter).some((directory) => directory !== '' && isExecutable(join(directory, name)));
}

/**
 * Wraps `describe` for tests that start an external program. If it is not installed, the tests are skipped with a
 * warning, or fail with REQUIRE_TOOLS=1.
 */
export function describeWithTool(tool: string, name: string, body: () => void): void {
  if (hasTool(tool)) {
    describe(name, body);
  } else if (process.env.REQUIRE_TOOLS === '1') {
    test(name, () => {
      throw new Error(`${tool} is not installed, but REQUIRE_TOOLS=1 is set`);
    });
  } else {
    console.warn(`SKIPPED: ${name}: ${tool} is not installed`);
    // Without the program, these tests cannot run. `.ci/run` sets REQUIRE_TOOLS=1, so it skips none.
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
