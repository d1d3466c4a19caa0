import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, expect, test, vi } from 'vitest';
import { readConfigFile } from '../../src/config/load.ts';
import { loadInWorker } from '../../src/config/load-in-worker.ts';

// A thread takes long to start on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });
const folder = mkdtempSync(join(tmpdir(), 'read-apart-'));
afterAll(() => rmSync(folder, { recursive: true }));

const accounts = [
  { name: 't', provider: 'tencent', statcgi: { app_id: 1, key_file: 'key' } },
  { name: 'a', provider: 'alibaba', access_key_id_env: 'ID', access_key_secret_env: 'SECRET' },
];
const signal = new AbortController().signal;
const yieldNow = () => setImmediate();

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

test('a config read in a thread of its own is the one that is read here, and comes in pieces', async () => {
  const streams = Array.from({ length: 600 }, (_, i) => ({
    account: 't',
    stream: `stream-${i}`,
    expect: { fps: 25, live: [{ from: '08:00', to: '24:00', time_zone: 'Asia/Shanghai' }] },
    labels: { channel: `c${i}` },
  }));
  const domains = [{ account: 'a', domain: 'play.example.com' }];
  const file = write('config.json', JSON.stringify({ accounts, streams, domains }));
  let turns = 0;

  const loaded = await loadInWorker(file, {
    signal,
    async yieldNow() {
      turns++;
      await yieldNow();
    },
  });

  expect(loaded).toStrictEqual(await readConfigFile(file));
  expect(loaded).toHaveProperty('config.pushTargets.length', 600);
  expect(turns).toBe(4);
});

test('what is wrong with it is told with its place', async () => {
  const file = write('bad.yaml', 'accounts: 1\nstreems: []\n');

  const loaded = await loadInWorker(file, { signal, yieldNow });

  expect(loaded).toEqual(await readConfigFile(file));
  expect(loaded).toHaveProperty('problems.0.line', 1);
});

test('a file that is not there is a problem like others', async () => {
  expect(await loadInWorker(join(folder, 'none.yaml'), { signal, yieldNow })).toEqual({
    problems: [{ line: undefined, column: undefined, path: '', text: 'there is no such file' }],
    named: [],
  });
});

test('a reading that is broken off ends its thread', async () => {
  const stop = new AbortController();
  const reading = loadInWorker(write('config.json', '{}'), { signal: stop.signal, yieldNow });

  stop.abort(new Error('the exporter stops'));

  await expect(reading).rejects.toThrow('aborted');
  await expect(loadInWorker('config.json', { signal: stop.signal, yieldNow })).rejects.toThrow(
    'the exporter stops',
  );
});

test.each([
  ['exits', 'process.exit(3)', 'with code 3'],
  ['ends by itself', '', 'with code 0'],
])('a thread that %s before it answers is a failure, not a wait for ever', async (_, code, how) => {
  const script = new URL(`data:text/javascript,${encodeURIComponent(code)}`);

  const reading = loadInWorker('config.json', { signal, yieldNow, script });

  await expect(reading).rejects.toThrow(`the thread that reads the config ended without an answer, ${how}`);
});
