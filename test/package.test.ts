import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '..');
const directory = mkdtempSync(join(tmpdir(), 'package-'));
const program = join(directory, manifest.bin['livestream-exporter']);

/** Lays out the built package as npm does: `dist` below its package.json. */
beforeAll(() => {
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  execFileSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', join(directory, 'dist')], { cwd: root });
  copyFileSync(join(root, 'package.json'), join(directory, 'package.json'));
  for (const part of ['config', 'node_modules']) symlinkSync(join(root, part), join(directory, part));
  // npm makes the `bin` file executable and links to it.
  chmodSync(program, 0o755);
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true }));

function run(...args: readonly string[]): string {
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  // `pipe` keeps warnings out of the test output.
  return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, PATH } });
}

test('the linked bin file runs as an executable', () => {
  expect(run('--version')).toBe(`livestream-exporter ${manifest.version} (node ${process.version})\n`);
});

test('an older Node.js prints which version the program needs, without a stack trace', () => {
  const later = join(directory, 'later');
  mkdirSync(join(later, 'dist'), { recursive: true });
  copyFileSync(program, join(later, 'dist', 'launch.js'));
  writeFileSync(join(later, 'package.json'), JSON.stringify({ type: 'module', engines: { node: '>=99.1' } }));

  const { status, stderr, stdout } = spawnSync(process.execPath, [join(later, 'dist', 'launch.js')], {
    encoding: 'utf8',
  });

  expect(stderr).toMatch(
    /^livestream-exporter: needs Node\.js 99\.1 or newer, this is \d+\.\d+\.\d+\. Install it .+\.\n$/,
  );
  expect([status, stdout]).toEqual([1, '']);
});

test('an older Node.js names the Node.js that npm has installed with the program', () => {
  const modules = join(directory, 'installed', 'node_modules');
  const installed = join(modules, 'livestream-exporter');
  mkdirSync(join(installed, 'dist'), { recursive: true });
  mkdirSync(join(modules, '.bin'));
  const launcher = join(installed, 'dist', 'launch.js');
  const node = join(modules, '.bin', 'node');
  copyFileSync(program, launcher);
  symlinkSync(process.execPath, node);
  writeFileSync(
    join(installed, 'package.json'),
    JSON.stringify({ type: 'module', engines: { node: '>=99.1' } }),
  );

  const { status, stderr } = spawnSync(process.execPath, [launcher], { encoding: 'utf8' });

  expect(stderr).toMatch(/^livestream-exporter: needs Node\.js 99\.1 or newer, this is \d+\.\d+\.\d+\. /);
  expect(stderr).toContain(`npm has installed one; run: ${node} ${launcher}\n`);
  expect(status).toBe(1);
});

test.each([
  ['24.15.0', '>=24.15', true],
  ['24.14.9', '>=24.15', false],
  ['23.99.0', '>=24.15', false],
  ['25.0.0', '>=24.15', true],
])('Node.js %s satisfies %s: %s', (version, engines, expected) => {
  const other = mkdtempSync(join(directory, 'version-'));
  mkdirSync(join(other, 'dist'));
  copyFileSync(program, join(other, 'dist', 'launch.js'));
  writeFileSync(join(other, 'dist', 'main.js'), 'console.log("started")');
  writeFileSync(join(other, 'package.json'), JSON.stringify({ type: 'module', engines: { node: engines } }));
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;

  const { stdout } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, join(other, 'dist', 'launch.js')],
    { encoding: 'utf8' },
  );

  expect(stdout).toBe(expected ? 'started\n' : '');
});

test('the built program accepts the shipped config', () => {
  expect(run('check-config', join(directory, 'config', 'livestream-exporter.yaml'))).toMatch(/accounts?, /);
});

test('the built program reloads its config in a worker thread', { timeout: 60_000 }, async () => {
  const config = join(directory, 'no-streams.json');
  const account = { name: 't', provider: 'tencent', statcgi: { app_id: 1, key_env: 'STAT_KEY' } };
  writeFileSync(config, JSON.stringify({ accounts: [account] }));
  const args = [
    '--config.file',
    config,
    '--storage.path',
    join(directory, 'data'),
    '--web.listen-address',
    '127.0.0.1:0',
  ];
  const daemon = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, STAT_KEY: 'the-key' },
  });
  const all = text(daemon.stderr);
  let seen = '';
  for (const [after, signal] of [
    ['msg=started', 'SIGHUP'],
    ['reloaded', 'SIGTERM'],
  ] as const) {
    while (!seen.includes(after) && daemon.exitCode === null) {
      const [chunk] = await once(daemon.stderr, 'data');
      seen += chunk;
    }
    daemon.kill(signal);
  }

  expect(await all).toMatch(/msg="config reloaded"/);
  expect(daemon.exitCode ?? (await once(daemon, 'close'))[0]).toBe(0);
});
