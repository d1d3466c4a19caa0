import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Directories whose tests change nothing of their process, and do not measure its memory. Their files share
 * processes, which saves the start of a process and the import of the same modules for each of 330 files.
 */
const shared = [
  'alerting',
  'app',
  'calls',
  'chinese',
  'collectors',
  'commands',
  'config',
  'doctor',
  'log',
  'metrics',
  'model',
  'polling',
  'posting',
  'providers',
  'reference',
  'server',
  'simulator',
  'status',
  'support',
  'text',
].map((directory) => `test/${directory}/**/*.test.ts`);

/** Files that mostly wait for a Prometheus or for time to pass, the longest first. */
const waiting = [
  'e2e/alerting',
  'e2e/zero-hold',
  'e2e/kill',
  'e2e/posting',
  'e2e/same-address',
  'dashboards/queries',
  'e2e/reload',
  'e2e/full-disk',
  'e2e/hung-disk',
].map((name) => join(import.meta.dirname, 'test', `${name}.test.ts`));

/** Starts the files that wait first: the others use the cores meanwhile. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = (await super.sort(files)).filter(({ moduleId }) => !waiting.includes(moduleId));
    return [...waiting.flatMap((file) => files.filter(({ moduleId }) => moduleId === file)), ...others];
  }
}

const project = (
  name: string,
  isolate: boolean,
  include: string[],
  exclude: string[],
): TestProjectConfiguration => ({
  extends: true,
  test: { name, isolate, include, exclude },
});

export default defineConfig({
  test: {
    projects: [project('shared', false, shared, []), project('alone', true, ['test/**/*.test.ts'], shared)],
    sequence: { sequencer: WaitingFirst },
    maxWorkers: Math.max(5, availableParallelism()),
    // Most tests of the whole program start it several times, and so compile the same modules.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled') },
    // For a machine that has much else to do: tests that compute much, such as test/text/json.test.ts, take 14 to 20 s
    // in CI, and 40 s on a busy machine. What has to be fast is measured by the bench.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    unstubEnvs: true,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'json-summary'],
      thresholds: { lines: 80 },
    },
  },
});
