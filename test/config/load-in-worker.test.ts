import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, expect, test, vi } from 'vitest';
import { readConfigFile } from '../../src/config/load.ts';
import { loadInWorker } from '../../src/config/load-in-worker.ts';

// Starting a thread is slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 });
const directory = mkdtempSync(join(tmpdir(), 'load-in-worker-'));
afterAll(() => rmSync(directory, { recursive: true }));

const accounts = [
  { name: 't', provider: 'tencent', statcgi: { app_id: 1, key_file: 'key' } },
  { name: 'a', provider: 'alibaba', access_key_id_env: 'ID', access_key_secret_env: 'SECRET' },
];
const signal = new AbortController().signal;
const yieldNow = () => setImmediate();

function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

test('loads the same config as readConfigFile, in chunks', async () => {
  const streams = Array.from({ length: 600 }, (_, i) => ({
    account: 't',
    stream: `stream-${i}`,
    expect: { fps: 25, live: [{ from: '08:00', to: '24:00', time_zone: 'Asia/Shanghai' }] },
    labels: { channel: `c${i}` },
  }));
  const domains = [{ account: 'a', domain: 'play.example.com' }];
  const file = write('config.json', JSON.stringify({ accounts, streams, domains }));
  let yields = 0;

  const loaded = await loadInWorker(file, {
    signal,
    async yieldNow() {
      yields++;
      await yieldNow();
    },
  });

  expect(loaded).toStrictEqual(await readConfigFile(file));
  expect(loaded).toHaveProperty('config.pushTargets.length', 600);
  expect(yields).toBe(4);
});

test('reports problems with their positions', async () => {
  const file = write('bad.yaml', 'accounts: 1\nstreems: []\n');

  const loaded = await loadInWorker(file, { signal, yieldNow });

  expect(loaded).toEqual(await readConfigFile(file));
  expect(loaded).toHaveProperty('problems.0.line', 1);
});

test('reports a missing file as a problem', async () => {
  expect(await loadInWorker(join(directory, 'none.yaml'), { signal, yieldNow })).toEqual({
    problems: [{ line: undefined, column: undefined, path: '', text: 'file not found' }],
    named: [],
  });
});

test('rejects if it is aborted', async () => {
  const stop = new AbortController();
  const loading = loadInWorker(write('config.json', '{}'), { signal: stop.signal, yieldNow });

  stop.abort(new Error('the exporter is stopping'));

  await expect(loading).rejects.toThrow('aborted');
  await expect(loadInWorker('config.json', { signal: stop.signal, yieldNow })).rejects.toThrow(
    'the exporter is stopping',
  );
});

test.each([
  // As Node.js reports them: the thread cannot start, read a package.json or open a module.
  ['Worker initialization failure: EMFILE', 'EMFILE'],
  ['Cannot read package config /srv/package.json: too many open files.', 'EMFILE'],
  ["EMFILE: too many open files, open '/srv/src/config/load.ts'", 'EMFILE'],
  ["ENFILE: file table overflow, open '/srv/src/config/load.ts'", 'ENFILE'],
])('reports a thread that fails with %j as a problem, and not as a bug', async (message, code) => {
  const script = new URL(
    `data:text/javascript,${encodeURIComponent(`throw new Error(${JSON.stringify(message)})`)}`,
  );

  expect(await loadInWorker('config.json', { signal, yieldNow, script })).toEqual({
    problems: [
      {
        line: undefined,
        column: undefined,
        path: '',
        text: expect.stringMatching(`^too many .*\\(${code}\\)$`),
      },
    ],
    named: [],
  });
});

test('rejects if the thread fails otherwise', async () => {
  const script = new URL("data:text/javascript,throw new Error('a bug')");

  await expect(loadInWorker('config.json', { signal, yieldNow, script })).rejects.toThrow('a bug');
});

test.each([
  ['exits', 'process.exit(3)', 'exit code 3'],
  ['returns', '', 'exit code 0'],
])('rejects if the thread %s without a response', async (_, code, exit) => {
  const script = new URL(`data:text/javascript,${encodeURIComponent(code)}`);

  const loading = loadInWorker('config.json', { signal, yieldNow, script });

  await expect(loading).rejects.toThrow(`the config worker exited without a response, ${exit}`);
});
