import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfigFile } from '../../src/config/load.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';
import { account } from './loading.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'config-'));
});
afterAll(() => rm(directory, { recursive: true }));

test('reads a config file with a byte order mark', async () => {
  const file = join(directory, 'marked.yaml');
  await writeFile(file, `\uFEFF${account}streams: [{account: tencent, stream: ü}]\n`);

  const loaded = await readConfigFile(file);

  expect(loaded).toMatchObject({ config: { pushTargets: [{ stream: { stream: 'ü' } }] } });
});

test('reports an unreadable file as a problem of the whole file', async () => {
  const binary = join(directory, 'binary.yaml');
  await writeFile(binary, Buffer.from([0xff, 0xfe, 0x61, 0x00]));
  const texts = await Promise.all(
    [directory, join(directory, 'absent.yaml'), join(binary, 'x.yaml'), binary].map(async (file) => {
      const loaded = await readConfigFile(file);
      return 'problems' in loaded ? toDiagnosticLines('test.yaml', loaded.problems) : [];
    }),
  );

  expect(texts).toEqual([
    ['test.yaml: is a directory, not a file'],
    ['test.yaml: file not found'],
    ['test.yaml: part of the path is not a directory'],
    ['test.yaml: not UTF-8 text'],
  ]);
});
