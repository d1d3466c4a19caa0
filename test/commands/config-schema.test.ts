import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configSchema } from '../../src/commands/config-schema.ts';

const file = join(import.meta.dirname, '..', '..', 'config', 'livestream-exporter.schema.json');

test('the schema beside the example is the one that is printed', () => {
  // Only the layout may differ, which is the formatter's.
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(configSchema()));
  expect(configSchema().endsWith('}\n')).toBe(true);
});
