import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { causes } from '../../src/doctor/finding.ts';

test('the page lists each cause once', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/doctor.md'), 'utf8');
  const [, tables = ''] = page.split('## Causes');
  const listed = [...tables.matchAll(/^\| `(\w+)` \|/gm)].map(([, cause]) => cause);

  expect(listed.toSorted()).toEqual([...causes].toSorted());
});
