import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards } from './dashboards.ts';
import { toJsonText } from './json-text.ts';

// Writes the JSON files that Grafana reads. A test checks that they match the code.
for (const dashboard of dashboards) {
  writeFileSync(join(import.meta.dirname, `${dashboard.uid}.json`), toJsonText(dashboard));
}
