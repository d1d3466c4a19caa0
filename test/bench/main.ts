import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { withGenerated } from '../support/markdown.ts';
import { cells } from './cells.ts';
import { type CommandLine, parseFlags, usage } from './flags.ts';
import { isAllHeld, type MeasuredCell, type Report, reportCell, toMarkdown, toText } from './report.ts';

/** A higher load average before the run comes from other programs. */
const busyLoad = 0.5;

const commandLine = parseFlags(
  process.argv.slice(2),
  cells.map(({ name }) => name),
);
switch (commandLine.what) {
  case 'help':
    console.log(usage(cells));
    break;
  case 'unusable':
    console.error(`bench: ${commandLine.problem}; see --help`);
    process.exitCode = 2;
    break;
  case 'run':
    process.exitCode = await run(commandLine);
    break;
  default:
    commandLine satisfies never;
}

async function run(options: Extract<CommandLine, { what: 'run' }>): Promise<number> {
  const { rounds, isShort, isStrict, json, page } = options;
  const [load = 0] = loadavg();
  if (load > busyLoad && !isShort) {
    console.error(
      `the load average is ${load.toFixed(1)}: ratios are still meaningful, milliseconds are not`,
    );
  }
  const measured: MeasuredCell[] = [];
  const report: Report = {
    node: process.version,
    cpu: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    load,
    rounds,
    isShort,
    cells: measured,
  };
  const file = json ?? join(mkdtempSync(join(tmpdir(), 'livestream-bench-')), 'bench.json');
  for (const cell of cells) {
    if (!options.cells.includes(cell.name)) continue;
    const startedAt = performance.now();
    const figures = await cell.run({ rounds, warmUps: isShort ? 0 : 2, isShort });
    const cellReport = reportCell(cell, figures, {
      seconds: (performance.now() - startedAt) / 1000,
      isShort,
    });
    measured.push(cellReport);
    console.log(toText(cellReport));
    // After each cell, so that an interrupted run leaves its results.
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  }
  console.error(`all numbers: ${file}`);
  if (page !== undefined) {
    writeFileSync(page, withGenerated(readFileSync(page, 'utf8'), 'numbers', toMarkdown(report), page));
  }
  return isStrict && !isAllHeld(report) ? 1 : 0;
}
