import { describe, test } from 'vitest';
import { hasTool } from './tool-path.ts';

/**
 * Wraps `describe` for tests that start an external program. If it is not installed, the tests are skipped with a
 * warning, or fail with REQUIRE_TOOLS=1.
 */
export function describeWithTool(tool: string, name: string, body: () => void): void {
  if (hasTool(tool)) {
    // On a busy machine, an external program can take many times as long as on an idle one.
    describe(name, { timeout: 120_000 }, body);
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
