import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'package-'));
const program = join(folder, manifest.bin['livestream-exporter']);

/** As npm lays out a package: what was built, with its package.json above it. */
beforeAll(() => {
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  execFileSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], { cwd: root });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  for (const part of ['config', 'node_modules']) symlinkSync(join(root, part), join(folder, part));
  // npm makes executable what `bin` names, and links to it.
  chmodSync(program, 0o755);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]): string {
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  // What it warns about is not for the reader of this test.
  return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, PATH } });
}

test('what npm links as livestream-exporter starts by itself', () => {
  expect(run('--version')).toBe(`livestream-exporter ${manifest.version} (node ${process.version})\n`);
});

test('the built program brings the config that it ships', () => {
  expect(run('check-config', join(folder, 'config', 'livestream-exporter.yaml'))).toMatch(/accounts?, /);
});

test('the built program reads its config again in a thread of its own', { timeout: 60_000 }, async () => {
  const config = join(folder, 'no-streams.json');
  const account = { name: 't', provider: 'tencent', statcgi: { app_id: 1, key_env: 'STAT_KEY' } };
  writeFileSync(config, JSON.stringify({ accounts: [account] }));
  const args = [
    '--config.file',
    config,
    '--storage.path',
    join(folder, 'data'),
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

  expect(await all).toMatch(/msg="the config is reloaded"/);
  expect(daemon.exitCode ?? (await once(daemon, 'close'))[0]).toBe(0);
});
