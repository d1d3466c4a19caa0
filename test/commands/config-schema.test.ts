import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configSchema } from '../../src/commands/config-schema.ts';

const file = join(import.meta.dirname, '..', '..', 'config', 'livestream-exporter.schema.json');

test('prints the schema that is next to the example config', () => {
  // Compare the values: the formatter changes the layout of the file.
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(configSchema()));
  expect(configSchema().endsWith('}\n')).toBe(true);
});
