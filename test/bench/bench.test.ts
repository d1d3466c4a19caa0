import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { parseFamilies, textOf } from '../support/exposition.ts';
import { bars } from './bars.ts';
import { cells } from './cells.ts';
import { constantFamilies, createContent, describeSeries, seriesPerStream } from './content.ts';
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

test('fills the derived number of series per stream, and changes all but the constant ones', async () => {
  const content = createContent(3);
  const before = [...streamLines(await textOfOurs(content))];
  content.change(1);
  const after = [...streamLines(await textOfOurs(content))];

  expect(before).toHaveLength(3 * seriesPerStream);
  const same = after.filter((line, i) => line === before[i]).map((line) => line.split('{')[0]);
  expect(new Set(same)).toEqual(new Set(constantFamilies));
});

test('finds the derived numbers of series in docs/performance.md', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'performance.md'), 'utf8');
  const [, block] = /<!-- series -->\n([\s\S]*?)\n<!-- end of series -->/.exec(page) ?? [];

  expect(block).toBe(describeSeries());
});

test('changes only a part of the streams', async () => {
  const content = createContent(20);
  const before = [...streamLines(await textOfOurs(content))];
  content.change(0.1);
  const after = [...streamLines(await textOfOurs(content))];

  const changed = after.filter((line, i) => line !== before[i]);
  expect(new Set(changed.map((line) => /stream="([^"]*)"/.exec(line)?.[1])).size).toBe(2);
});

test.each(['text', 'openmetrics'] as const)(
  'copies the same series and values to prom-client (%s)',
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

test('measures every figure that has a bar in a short run, without a verdict', {
  timeout: 120_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-bench-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'bench.json');
  const names = ['scrape-100k', 'pause', 'changed', 'arrival', 'views', 'viewers', 'churn', 'collection'];
  const page = join(directory, 'page.md');
  writeFileSync(page, 'before\n<!-- numbers -->\nold\n<!-- end of numbers -->\nafter\n');
  const flags = ['--short', '--json', file, '--page', page, ...names.flatMap((name) => ['--cell', name])];
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'main.ts'), ...flags]);

  // The shape that main.ts has just written.
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  expect(report).toMatchObject({ rounds: 1, isShort: true, node: process.version });
  expect(report.cells.map(({ name }) => name)).toEqual(names);
  for (const { name, figures, bars: verdicts } of report.cells) {
    expect(verdicts).toEqual([]);
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

test('exits with 2 and one line for an unknown flag', async () => {
  const started = run(process.execPath, [join(import.meta.dirname, 'main.ts'), '--fast']);

  await expect(started).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^bench: Unknown option '--fast'.*; see --help\n$/),
  });
});

test('defines each cell once, and bars only for defined cells', () => {
  const names = cells.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
  expect(bars.filter(({ cell }) => !names.includes(cell))).toEqual([]);
});
