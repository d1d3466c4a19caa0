import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cells } from './cells.ts';
import { type Asked, parseFlags, usage } from './flags.ts';
import { isAllHeld, type MeasuredCell, type Report, reportCell, toMarkdown, toText } from './report.ts';

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
  const { rounds, isShort, isStrict, isMarkdown, json } = asked;
  const measured: MeasuredCell[] = [];
  for (const cell of cells) {
    if (!asked.cells.includes(cell.name)) continue;
    const began = performance.now();
    const figures = await cell.run({ rounds, warmUps: isShort ? 0 : 2, isShort });
    const done = reportCell(cell, figures, { seconds: (performance.now() - began) / 1000, isShort });
    measured.push(done);
    console.log(isMarkdown ? toMarkdown(done) : toText(done));
  }
  const report: Report = {
    node: process.version,
    cpu: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    rounds,
    isShort,
    cells: measured,
  };
  const file = json ?? join(mkdtempSync(join(tmpdir(), 'livestream-bench-')), 'bench.json');
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  console.error(`all numbers: ${file}`);
  return isStrict && !isAllHeld(report) ? 1 : 0;
}
