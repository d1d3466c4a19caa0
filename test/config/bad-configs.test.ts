import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { withoutSecrets } from '../../src/log/fields.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';

const directory = join(import.meta.dirname, '..', 'fixtures', 'config');
const names = readdirSync(directory).filter((name) => name.endsWith('.bad.yaml'));

/** Each broken config is named after its error. The .txt file has the exact output for it. */
test.each(names)('rejects %s with exactly the expected lines', (name) => {
  const text = readFileSync(join(directory, name), 'utf8');
  const expected = readFileSync(join(directory, name.replace(/\.yaml$/, '.txt')), 'utf8');

  expect(linesFor(text, name)).toEqual(expected.trimEnd().split('\n'));
});

test('never prints a secret that is in a config by mistake', () => {
  const withSecret = names.filter((name) => readFileSync(join(directory, name), 'utf8').includes('hunter2'));
  const lines = withSecret.flatMap((name) => linesFor(readFileSync(join(directory, name), 'utf8'), name));

  expect(withSecret).toHaveLength(8);
  expect(lines.join('\n')).not.toContain('hunter2');
});

test('reports texts that the log does not redact', () => {
  const loaded = names.map((name) => loadConfig(readFileSync(join(directory, name), 'utf8'), name));
  const texts = loaded.flatMap((each) => ('problems' in each ? each.problems.map(({ text }) => text) : []));

  expect(texts.map(withoutSecrets)).toEqual(texts);
});

test('changes no prototype', () => {
  linesFor(readFileSync(join(directory, 'prototype.bad.yaml'), 'utf8'), 'prototype.bad.yaml');

  expect(Object.keys(Object.prototype)).toEqual([]);
  expect({}).not.toHaveProperty('polluted');
});

function linesFor(text: string, file: string): readonly string[] {
  const loaded = loadConfig(text, file);
  return 'problems' in loaded ? toDiagnosticLines(file, loaded.problems) : ['valid config'];
}
