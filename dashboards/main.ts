import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dashboardFiles, shippedOptions } from './dashboards.ts';
import { toJsonText } from './json-text.ts';

// Writes the JSON files that Grafana reads. Without flags, these are the shipped ones, which a test compares with
// the code.
const usage = `Usage: npm run dashboards -- [--out=DIRECTORY] [--labels=NAME,NAME] [--runbook-base=URL]
`;
const flags = readFlags();
const labels = flags.labels?.split(',').filter((label) => label !== '') ?? shippedOptions.labels;
const invalid = labels.filter((label) => !/^[a-zA-Z_]\w*$/.test(label));
if (invalid.length > 0) {
  fail(`--labels: not a label name: ${invalid.join(', ')}. Write names that the config gives to streams.`);
}
mkdirSync(flags.out, { recursive: true });
for (const { file, dashboard } of dashboardFiles({ labels, runbookBase: flags['runbook-base'] })) {
  writeFileSync(join(flags.out, file), toJsonText(dashboard));
}

function readFlags() {
  try {
    return parseArgs({
      options: {
        labels: { type: 'string' },
        'runbook-base': { type: 'string' },
        out: { type: 'string', default: import.meta.dirname },
      },
    }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** Prints a problem and the usage, and ends the program. */
function fail(problem: string): never {
  process.stderr.write(`${problem}\n\n${usage}`);
  process.exit(2);
}
