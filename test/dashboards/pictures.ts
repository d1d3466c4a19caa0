import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDaemon } from '../support/daemon.ts';
import { startPrometheus } from '../support/prometheus.ts';

// Draws the dashboards of the demo into docs/images, after it has run for a while. A drawing program gets the JSON of a
// dashboard and the URL of a Prometheus, see CONTRIBUTING.md.
const { values: flags } = parseArgs({
  options: {
    preview: { type: 'string' },
    minutes: { type: 'string', default: '16' },
    out: { type: 'string', default: join(import.meta.dirname, '..', '..', 'docs', 'images') },
  },
});
if (flags.preview === undefined) {
  console.error('--preview: the directory of the drawing program is missing, see CONTRIBUTING.md');
  process.exit(2);
}
const preview = join(flags.preview, 'preview.mjs');
const root = join(import.meta.dirname, '..', '..');
/** Size in bytes above which a picture makes the README slow. */
const maxBytes = 330_000;

/** Panels that the drawing program cannot draw (timelines of states), and those that make a picture too large. */
const pictures = [
  { name: 'fleet', without: [203], flags: [] },
  {
    name: 'stream',
    without: [204, 206, 207, 303],
    flags: ['--var=account=simulator', '--var=stream=1234_city-cam'],
  },
  { name: 'exporter', without: [205, 306, 307, 400, 401, 402, 403, 404, 405, 406, 407, 408], flags: [] },
];

const daemon = startDaemon(['demo', '--web.listen-address=127.0.0.1:0']);
const directory = mkdtempSync(join(tmpdir(), 'livestream-pictures-'));
try {
  const { host } = new URL(await daemon.url());
  await using prometheus = await startPrometheus(`
global: {scrape_interval: 5s, evaluation_interval: 5s}
rule_files: ["${join(root, 'config/rules/livestream.rules.yml')}"]
scrape_configs: [{job_name: livestream-exporter, static_configs: [{targets: ["${host}"]}]}]
`);
  await new Promise((resolve) => setTimeout(resolve, Number(flags.minutes) * 60_000));
  for (const { name, without, flags: own } of pictures) {
    const dashboard = join(directory, `${name}.json`);
    writeFileSync(dashboard, withoutPanels(join(root, `dashboards/livestream-${name}.json`), without));
    await draw([
      `--dashboard=${dashboard}`,
      `--prometheus=${prometheus.url}`,
      '--from=now-15m',
      '--theme=light',
      '--width=1240',
      `--out=${directory}`,
      ...own,
    ]);
    const drawn = join(directory, 'light.png');
    const { size } = statSync(drawn);
    if (size > maxBytes) throw new Error(`the picture of ${name} has ${size} bytes, more than ${maxBytes}`);
    copyFileSync(drawn, join(flags.out, `dashboard-${name}.png`));
  }
} finally {
  await daemon.end('SIGTERM');
  rmSync(directory, { recursive: true });
}

async function draw(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [preview, ...args], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the drawing program failed with exit code ${code}`);
}

/** Returns the dashboard without some panels; if nothing is left beside them, those below move up. */
function withoutPanels(file: string, ids: readonly number[]): string {
  // Shape: the JSON that this repository generates.
  const dashboard = JSON.parse(readFileSync(file, 'utf8')) as {
    panels: { id: number; gridPos: { y: number; h: number; w: number } }[];
  };
  const isLeftOut = ({ id }: { id: number }) => ids.includes(id);
  const panels = dashboard.panels.filter((panel) => !isLeftOut(panel));
  const left = new Set(panels.map(({ gridPos }) => gridPos.y));
  const gone = new Map(
    dashboard.panels
      .filter(({ gridPos }) => !left.has(gridPos.y))
      .map(({ gridPos }) => [gridPos.y, gridPos.h]),
  );
  for (const { gridPos } of panels) {
    const above = [...gone].filter(([y]) => y < gridPos.y);
    gridPos.y -= above.reduce((height, [, h]) => height + h, 0);
  }
  return JSON.stringify({ ...dashboard, panels });
}
