import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfigFile } from '../../src/config/load.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';
import { account } from './loading.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a config is read from its file, with or without a byte order mark', async () => {
  const file = join(folder, 'marked.yaml');
  await writeFile(file, `\uFEFF${account}streams: [{account: tencent, stream: ü}]\n`);

  const loaded = await readConfigFile(file);

  expect(loaded).toMatchObject({ config: { pushTargets: [{ stream: { stream: 'ü' } }] } });
});

test('a file that cannot be read is a problem of the whole file', async () => {
  const binary = join(folder, 'binary.yaml');
  await writeFile(binary, Buffer.from([0xff, 0xfe, 0x61, 0x00]));
  const texts = await Promise.all(
    [folder, join(folder, 'absent.yaml'), join(binary, 'x.yaml'), binary].map(async (file) => {
      const loaded = await readConfigFile(file);
      return 'problems' in loaded ? toDiagnosticLines('test.yaml', loaded.problems) : [];
    }),
  );

  expect(texts).toEqual([
    ['test.yaml: this is a directory, not a file'],
    ['test.yaml: there is no such file'],
    ['test.yaml: a part of the path is not a directory'],
    ['test.yaml: not UTF-8 text'],
  ]);
});
