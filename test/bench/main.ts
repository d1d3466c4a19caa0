import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cells } from './cells.ts';
import { type Asked, parseFlags, usage } from './flags.ts';
import { isAllHeld, type MeasuredCell, type Report, reportCell, toMarkdown, toText } from './report.ts';

/** More than this is not the bench's own. */
const busyLoad = 0.5;

const asked = parseFlags(
  process.argv.slice(2),
  cells.map(({ name }) => name),
);
switch (asked.what) {
  case 'help':
    console.log(usage(cells));
    break;
  case 'unusable':
    console.error(`bench: ${asked.problem}; see --help`);
    process.exitCode = 2;
    break;
  case 'run':
    process.exitCode = await run(asked);
    break;
  default:
    asked satisfies never;
}

async function run(asked: Extract<Asked, { what: 'run' }>): Promise<number> {
  const { rounds, isShort, isStrict, json, page } = asked;
  const [load = 0] = loadavg();
  if (load > busyLoad && !isShort) {
    console.error(`the load average is ${load.toFixed(1)}: ratios still say something, milliseconds do not`);
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
    if (!asked.cells.includes(cell.name)) continue;
    const began = performance.now();
    const figures = await cell.run({ rounds, warmUps: isShort ? 0 : 2, isShort });
    const done = reportCell(cell, figures, { seconds: (performance.now() - began) / 1000, isShort });
    measured.push(done);
    console.log(toText(done));
    // After each cell: a run that is stopped leaves what it has.
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  }
  console.error(`all numbers: ${file}`);
  if (page !== undefined) refresh(page, toMarkdown(report));
  return isStrict && !isAllHeld(report) ? 1 : 0;
}

/** Puts the tables between the two comments that the page has for them. */
function refresh(page: string, tables: string): void {
  const [before, , after] = readFileSync(page, 'utf8').split(
    /(?<=<!-- numbers -->\n)|(?=<!-- end of numbers -->)/,
  );
  if (before === undefined || after === undefined) throw new Error(`${page} has no place for the tables`);
  writeFileSync(page, `${before}\n${tables}\n${after}`);
}
