import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { describeWithTool } from '../support/tools.ts';

const name = 'livestream-exporter.service';
const root = join(import.meta.dirname, '..', '..');
const units = join(root, 'deploy', 'systemd');
const unit = readFileSync(join(units, name), 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'unit-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Returns the text with a program path that exists on this machine. */
function withNode(text: string): string {
  return text.replaceAll('/opt/livestream-exporter/node_modules/.bin/node', process.execPath);
}

/** Runs systemd-analyze on the text. */
function analyze(args: readonly string[], text: string) {
  const file = join(directory, name);
  writeFileSync(file, withNode(text));
  const { status, stderr, stdout } = spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' });
  return { status, stderr, stdout };
}

test('units and documentation name files of the installed package, which contains them', () => {
  const socket = readFileSync(join(units, 'livestream-exporter.socket'), 'utf8');
  const page = readFileSync(join(root, 'docs', 'install.md'), 'utf8');
  const section = page.slice(page.indexOf('\n## systemd'), page.indexOf('\n## After the start'));
  const paths = [unit, socket, section].flatMap((text) => [
    ...text.matchAll(/\/opt\/livestream-exporter\/\S+/g),
  ]);
  const installed = '/opt/livestream-exporter/node_modules/livestream-exporter/';
  const ours = paths.flatMap(([path]) => (path.startsWith(installed) ? [path.slice(installed.length)] : []));

  const elsewhere = paths.map(([path]) => path).filter((path) => !path.startsWith(installed));
  expect(elsewhere).toEqual(['/opt/livestream-exporter/node_modules/.bin/node']);
  const built = ours.filter((path) => path.startsWith('dist/'));
  expect(built).toEqual(['dist/main.js']);
  const shipped = ours.filter((path) => !path.startsWith('dist/'));
  expect(shipped.toSorted()).toEqual([
    'README.md',
    'README.md',
    'deploy/systemd/livestream-exporter.service',
    'deploy/systemd/livestream-exporter.socket',
  ]);
  // npm always packs the README.
  expect(manifest.files).toContain('deploy/systemd');
  expect(section).not.toMatch(/ deploy\/systemd/);
});

describeWithTool('systemd-analyze', 'the systemd unit', () => {
  test('has no error that systemd finds', () => {
    expect(analyze(['verify'], unit)).toEqual({ status: 0, stderr: '', stdout: '' });
    expect(analyze(['verify'], unit.replace('UMask=0077', 'UMask=x')).stderr).toMatch(
      /Failed to parse mode value/,
    );
  });

  test('has a socket unit without errors, which starts the service', () => {
    const socket = readFileSync(join(units, 'livestream-exporter.socket'), 'utf8');
    writeFileSync(join(directory, 'livestream-exporter.socket'), socket);
    writeFileSync(join(directory, name), withNode(unit.replace('--config.file=', '--web.systemd-socket $&')));
    const verify = () =>
      spawnSync('systemd-analyze', ['verify', join(directory, 'livestream-exporter.socket')], {
        encoding: 'utf8',
      });

    expect(verify()).toMatchObject({ status: 0, stderr: '', stdout: '' });
    writeFileSync(join(directory, 'livestream-exporter.socket'), socket.replace('Accept=no', 'Accept=yes'));
    expect(verify().stderr).not.toBe('');
  });

  test('gives the process little more than it needs', () => {
    const { stdout } = analyze(['security', '--offline=true'], unit);
    const [, exposure] = /Overall exposure level .*: ([\d.]+)/.exec(stdout) ?? [];

    // 0 is nothing, 10 is everything. V8 has to write machine code, and the exporter needs the network.
    expect(Number(exposure)).toBeLessThan(2);
  });
});
