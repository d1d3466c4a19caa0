import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { withoutSecrets } from '../../src/log/fields.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'config');
const names = readdirSync(folder).filter((name) => name.endsWith('.bad.yaml'));

/** Each broken config is named for its fault; the text beside it is all that is said about it. */
test.each(names)('%s is refused with just these lines', (name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const expected = readFileSync(join(folder, name.replace(/\.yaml$/, '.txt')), 'utf8');

  expect(linesFor(text, name)).toEqual(expected.trimEnd().split('\n'));
});

test('no line shows a secret that stands in a config by mistake', () => {
  const secretive = names.filter((name) => readFileSync(join(folder, name), 'utf8').includes('hunter2'));
  const lines = secretive.flatMap((name) => linesFor(readFileSync(join(folder, name), 'utf8'), name));

  expect(secretive).toHaveLength(4);
  expect(lines.join('\n')).not.toContain('hunter2');
});

test('the log shows every sentence as it is: none of them looks like a secret', () => {
  const loaded = names.map((name) => loadConfig(readFileSync(join(folder, name), 'utf8'), name));
  const texts = loaded.flatMap((each) => ('problems' in each ? each.problems.map(({ text }) => text) : []));

  expect(texts.map(withoutSecrets)).toEqual(texts);
});

test('no key reaches a prototype', () => {
  linesFor(readFileSync(join(folder, 'prototype.bad.yaml'), 'utf8'), 'prototype.bad.yaml');

  expect(Object.keys(Object.prototype)).toEqual([]);
  expect({}).not.toHaveProperty('polluted');
});

function linesFor(text: string, file: string): readonly string[] {
  const loaded = loadConfig(text, file);
  return 'problems' in loaded ? toDiagnosticLines(file, loaded.problems) : ['it was loaded'];
}
