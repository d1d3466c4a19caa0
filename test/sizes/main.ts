import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { withGenerated } from '../support/markdown.ts';
import { type CommandLine, parseFlags, usage } from './flags.ts';
import { measureSeries, measureSize, type SeriesOfApi, type Size } from './measure.ts';
import { toMarkdown } from './report.ts';

const root = join(import.meta.dirname, '..', '..');

/** A higher load average before the run comes from other programs. */
const busyLoad = 0.5;

/** Scrape interval of many Prometheus servers. */
const scrapeEverySeconds = 15;

const commandLine = parseFlags(process.argv.slice(2));
switch (commandLine.what) {
  case 'help':
    console.log(usage);
    break;
  case 'unusable':
    console.error(`sizes: ${commandLine.problem}; see --help`);
    process.exitCode = 2;
    break;
  case 'run':
    await run(commandLine);
    break;
  default:
    commandLine satisfies never;
}

async function run({ sizes, seconds, page }: Extract<CommandLine, { what: 'run' }>): Promise<void> {
  const [load = 0] = loadavg();
  if (load > busyLoad) {
    console.error(`the load average is ${load.toFixed(1)}: durations of scrapes and requests mean little`);
  }
  const built = mkdtempSync(join(tmpdir(), 'livestream-sizes-'));
  try {
    const main = build(built);
    const measured: Size[] = [];
    for (const streams of sizes) {
      console.error(`measuring ${streams} streams`);
      const directory = mkdtempSync(join(built, 'run-'));
      const size = await measureSize({ main, directory, api: 'api3', streams, seconds, scrapeEverySeconds });
      console.error(JSON.stringify(size));
      measured.push(size);
    }
    const series: SeriesOfApi[] = [];
    for (const api of ['api3', 'statcgi', 'alibaba'] as const) {
      console.error(`counting the series of ${api}`);
      const directory = mkdtempSync(join(built, 'run-'));
      const options = { main, directory, api, streams: 10, seconds: 0, scrapeEverySeconds: 5 };
      series.push(await measureSeries(options));
    }
    const report = toMarkdown({
      node: process.version,
      cpu: cpus()[0]?.model ?? '',
      cores: availableParallelism(),
      seconds,
      load,
      sizes: measured,
      series,
    });
    console.log(report);
    if (page !== undefined) {
      writeFileSync(page, withGenerated(readFileSync(page, 'utf8'), 'sizes', report, page));
    }
  } finally {
    rmSync(built, { recursive: true });
  }
}

/** Lays out the built program as the image does, and returns the path of its main file. */
function build(directory: string): string {
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const outDir = join(directory, 'dist');
  const options = ['-p', 'tsconfig.build.json', '--declaration', 'false', '--outDir', outDir];
  execFileSync(tsc, options, { cwd: root, stdio: 'inherit' });
  for (const name of ['node_modules', 'package.json', 'config']) {
    symlinkSync(join(root, name), join(directory, name));
  }
  return join(outDir, 'main.js');
}
