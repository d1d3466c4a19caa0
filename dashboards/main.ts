import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dashboardFiles, shippedOptions } from './dashboards.ts';
import { toJsonText } from './json-text.ts';

// Writes the JSON files that Grafana reads. Without flags, these are the shipped ones, which a test compares with
// the code.
const { values: flags } = parseArgs({
  options: {
    labels: { type: 'string' },
    'runbook-base': { type: 'string' },
    out: { type: 'string', default: import.meta.dirname },
  },
});
const labels = flags.labels?.split(',').filter((label) => label !== '') ?? shippedOptions.labels;
const invalid = labels.filter((label) => !/^[a-zA-Z_]\w*$/.test(label));
if (invalid.length > 0) {
  console.error(
    `--labels: not a label name: ${invalid.join(', ')}. Write names that the config gives to streams.`,
  );
  process.exit(2);
}
mkdirSync(flags.out, { recursive: true });
for (const { file, dashboard } of dashboardFiles({ labels, runbookBase: flags['runbook-base'] })) {
  writeFileSync(join(flags.out, file), toJsonText(dashboard));
}
