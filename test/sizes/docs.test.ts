import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { blocksIn } from '../support/markdown.ts';
import { describeWithTool } from '../support/tools.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'sizing.md'), 'utf8');
const chart = join(root, 'deploy', 'helm', 'livestream-exporter');

function blockWith(start: string): string {
  const found = blocksIn(page).find(({ code }) => code.startsWith(start));
  if (found === undefined) throw new Error(`docs/sizing.md has no block that starts with ${start}`);
  return found.code;
}

test('the page shows the default resources of the chart and of the plain manifest', () => {
  const { resources } = parse(blockWith('resources:'));

  expect(parse(readFileSync(join(chart, 'values.yaml'), 'utf8')).resources).toEqual(resources);
  const manifest = parseAllDocuments(
    readFileSync(join(root, 'deploy', 'kubernetes', 'livestream-exporter.yaml'), 'utf8'),
  ).map((document) => document.toJS());
  const { containers } = manifest.find(({ kind }) => kind === 'StatefulSet').spec.template.spec;
  expect(containers[0].resources).toEqual(resources);
});

test('the default resources suffice for 1,000 streams, as the page says', () => {
  const { requests, limits } = parse(blockWith('resources:')).resources;
  const [, row = ''] = /\| memory request [\s\S]*?\n\| 1,000 \|(.*)\n/.exec(page) ?? [];
  const needed = row.split('|').map((cell) => Number.parseInt(cell, 10));
  const defaults = [requests.memory, limits.memory, requests.cpu].map((text) => Number.parseInt(text, 10));

  expect(needed.length).toBeGreaterThan(3);
  expect(defaults.map((value, i) => value >= (needed[i] ?? Number.NaN))).toEqual([true, true, true]);
});

describeWithTool('promtool', 'promtool', () => {
  test('accepts the scrape config of the page', () => {
    const directory = mkdtempSync(join(tmpdir(), 'sizing-'));
    const file = join(directory, 'prometheus.yml');
    writeFileSync(file, blockWith('scrape_configs:'));

    try {
      const output = execFileSync('promtool', ['check', 'config', file], { encoding: 'utf8', stdio: 'pipe' });
      expect(output).toMatch('SUCCESS');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
