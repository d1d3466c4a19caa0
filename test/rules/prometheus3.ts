import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/*
 * npm run test:prometheus3: builds promtool of the newest Prometheus 3 and amtool of the newest Alertmanager
 * from their Go modules, and runs the tests of the rules with them. Needs Go on the PATH, and some minutes
 * the first time. The tools are kept in a directory of the temporary directory, or in $PROMETHEUS3_TOOLS.
 */

/** Module of a tool. The Go module of Prometheus 3.16.0 has the version v0.316.0. */
const tools = [
  { tool: 'promtool', module: 'github.com/prometheus/prometheus', versions: /^v0\.3\d\d\.\d+$/ },
  { tool: 'amtool', module: 'github.com/prometheus/alertmanager', versions: /^v0\.\d+\.\d+$/ },
] as const;

const root = join(import.meta.dirname, '..', '..');
const cache = process.env.PROMETHEUS3_TOOLS ?? join(tmpdir(), 'livestream-prometheus3');

if (spawnSync('go', ['version']).error !== undefined) {
  process.stderr.write('test:prometheus3: go not found on the PATH; install Go\n');
  process.exitCode = 2;
} else {
  process.exitCode = run();
}

function run(): number {
  const directories = tools.map(build);
  for (const [i, directory] of directories.entries()) {
    const { tool } = tools[i] ?? { tool: '' };
    const version = execFileSync(join(directory, tool), ['--version'], { encoding: 'utf8' });
    process.stderr.write(`test:prometheus3: ${version.split('\n')[0]}\n`);
  }
  const path = [...directories, process.env.PATH ?? ''].join(delimiter);
  const { status } = spawnSync('vitest', ['run', 'test/rules'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path, REQUIRE_TOOLS: '1' },
  });
  return status ?? 1;
}

/** Builds a tool unless it exists, and returns its directory. */
function build({ tool, module, versions }: (typeof tools)[number]): string {
  mkdirSync(cache, { recursive: true });
  const listed = execFileSync('go', ['list', '-m', '-versions', module], {
    cwd: moduleDirectory(cache),
    encoding: 'utf8',
  });
  const version = listed
    .trim()
    .split(' ')
    .findLast((each) => versions.test(each));
  if (version === undefined) throw new Error(`no version of ${module}: ${listed}`);
  const directory = join(cache, `${tool}-${version}`);
  if (existsSync(join(directory, tool))) return directory;
  process.stderr.write(`test:prometheus3: builds ${tool} of ${module} ${version}\n`);
  // Not "go install": it refuses modules that exclude versions of others, as both do.
  const cwd = moduleDirectory(directory);
  const go = (...args: readonly string[]) =>
    execFileSync('nice', ['-n', '10', 'go', ...args], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  const path = `${module}/cmd/${tool}`;
  go('get', `${path}@${version}`);
  const shown =
    tool === 'promtool'
      ? version.replace(/^v0\.3(\d\d)/, (_, minor: string) => `3.${Number(minor)}`)
      : version.slice(1);
  go(
    'build',
    `-ldflags=-X github.com/prometheus/common/version.Version=${shown}`,
    '-o',
    join(directory, tool),
    path,
  );
  return directory;
}

/** Creates a directory with an empty Go module, and returns it. */
function moduleDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true });
  if (!existsSync(join(directory, 'go.mod'))) writeFileSync(join(directory, 'go.mod'), 'module tools\n');
  return directory;
}
