import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { parseFamilies, textOf } from '../support/exposition.ts';
import { bars } from './bars.ts';
import { cells } from './cells.ts';
import { createContent, seriesPerStream } from './content.ts';
import { createPromClientCopy, streamLines } from './prom-client-copy.ts';
import type { Report } from './report.ts';

const run = promisify(execFile);

async function textOfOurs(content: ReturnType<typeof createContent>, accept?: string): Promise<string> {
  const { body } = await content.metrics.serveScrape({
    accept,
    acceptEncoding: undefined,
    peer: '',
    userAgent: undefined,
    timeoutSeconds: undefined,
  });
  return textOf(body);
}

test('a stream fills as many series as the bench counts for it, and a change reaches all that can change', async () => {
  const content = createContent(3);
  const before = [...streamLines(await textOfOurs(content))];
  content.change(1);
  const after = [...streamLines(await textOfOurs(content))];

  expect(before).toHaveLength(3 * seriesPerStream);
  const same = after.filter((line, i) => line === before[i]).map((line) => line.split('{')[0]);
  expect(new Set(same)).toEqual(
    new Set(['livestream_push_up', 'livestream_push_info', 'livestream_stream_info']),
  );
});

test('a change of a part of the streams leaves the others as they are', async () => {
  const content = createContent(20);
  const before = [...streamLines(await textOfOurs(content))];
  content.change(0.1);
  const after = [...streamLines(await textOfOurs(content))];

  const changed = after.filter((line, i) => line !== before[i]);
  expect(new Set(changed.map((line) => /stream="([^"]*)"/.exec(line)?.[1])).size).toBe(2);
});

test.each(['text', 'openmetrics'] as const)(
  'prom-client shows the same series and values as we do (%s)',
  async (format) => {
    const accept = format === 'openmetrics' ? 'application/openmetrics-text' : undefined;
    const content = createContent(5);
    const copy = createPromClientCopy(format);
    copy.take(await textOfOurs(content));
    content.change(1);
    copy.take(await textOfOurs(content));

    const ours = parseFamilies(await textOfOurs(content, accept));
    const theirs = parseFamilies(await copy.registry.metrics());
    expect(theirs.size).toBeGreaterThan(20);
    for (const [head, series] of theirs) expect(ours.get(head)).toEqual(series);
    expect([...theirs.values()].flat()).toHaveLength(5 * seriesPerStream);
  },
);

test('a short run of each kind of cell brings every figure that a bar is about, and judges none', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'livestream-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'bench.json');
  const names = ['scrape-100k', 'pause', 'changed', 'arrival', 'collection'];
  const page = join(folder, 'page.md');
  writeFileSync(page, 'before\n<!-- numbers -->\nold\n<!-- end of numbers -->\nafter\n');
  const flags = ['--short', '--json', file, '--page', page, ...names.flatMap((name) => ['--cell', name])];
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'main.ts'), ...flags]);

  // The file that was just written.
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  expect(report).toMatchObject({ rounds: 1, isShort: true, node: process.version });
  expect(report.cells.map(({ name }) => name)).toEqual(names);
  for (const { name, figures, bars: judged } of report.cells) {
    expect(judged).toEqual([]);
    const measured = figures.map((figure) => figure.name);
    const wanted = bars.filter((bar) => bar.cell === name).map(({ figure }) => figure);
    expect(measured).toEqual(expect.arrayContaining(wanted));
    expect(new Set(measured).size).toBe(measured.length);
    expect(figures.filter(({ rounds }) => rounds.length !== 1 || !rounds.every(Number.isFinite))).toEqual([]);
  }
  expect(stdout).toContain('scrape-100k: ');
  const written = readFileSync(page, 'utf8');
  expect(written).toMatch(/^before\n<!-- numbers -->\n\nNode [\s\S]*\n\n<!-- end of numbers -->\nafter\n$/);
  expect(written).not.toContain('old');
});

test('what cannot be asked for ends with 2 and a line that says why', async () => {
  const started = run(process.execPath, [join(import.meta.dirname, 'main.ts'), '--fast']);

  await expect(started).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^bench: Unknown option '--fast'.*; see --help\n$/),
  });
});

test('every bar is about a cell that there is, and every cell has a name of its own', () => {
  const names = cells.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
  expect(bars.filter(({ cell }) => !names.includes(cell))).toEqual([]);
});
