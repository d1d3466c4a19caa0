import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { blocksIn, queriesIn, shellLinesIn } from '../support/markdown.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { hasTool } from '../support/tool-path.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

const root = join(import.meta.dirname, '..', '..');
const docs = join(root, 'docs');
const runbooks = join(docs, 'runbooks');

/** Pages whose queries and commands an operator runs. The Chinese pages have the same ones. */
const pages = [
  join(root, 'README.md'),
  ...readdirSync(docs).map((name) => join(docs, name)),
  ...readdirSync(runbooks).map((name) => join(runbooks, name)),
]
  .filter((file) => file.endsWith('.md'))
  .map((file) => readFileSync(file, 'utf8'));
const inTrouble = ['troubleshooting.md', 'faq.md', 'security.md'].map((name) =>
  readFileSync(join(docs, name), 'utf8'),
);

describeWithTool('prometheus', 'the documented queries and commands, with the demo', () => {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-docs-'));
  /** Output of each command, so that a command that several pages show runs once: a Node process takes a second. */
  const outputs = new Map<string, string>();
  let daemon: Daemon;
  let url: string;
  let prometheus: Prometheus;

  const outputOf = (command: string): string => {
    const output = outputs.get(command) ?? run(command, url, directory);
    outputs.set(command, output);
    return output;
  };

  beforeAll(async () => {
    setUp(directory);
    daemon = startDaemon(['demo', '--web.listen-address=127.0.0.1:0']);
    url = await daemon.url();
    prometheus = await startPrometheus(configFor(new URL(url).host, directory));
    await waitFor('the first scrape, rules included', async () => {
      const found = await prometheus.query(
        'count(livestream_push_up) and on () ALERTS{alertname="LivestreamWatchdog"}',
      );
      return found.length > 0 ? true : undefined;
    });
  }, 120_000);

  afterAll(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    await daemon?.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  });

  test('Prometheus evaluates every query of every page', { timeout: 60_000 }, async () => {
    const queries = [...new Set(pages.flatMap(queriesIn))].map(filledIn);

    const failed: string[] = [];
    for (const query of queries) await prometheus.query(query).catch((error) => failed.push(String(error)));

    expect(failed).toEqual([]);
    expect(queries.length).toBeGreaterThan(60);
  });

  test('every series that the queries for trouble select exists in the demo', {
    timeout: 120_000,
  }, async () => {
    const series = new Set(
      inTrouble.flatMap(queriesIn).flatMap((query) => query.match(/(?<![:\w])livestream_\w+\b(?!:)/g) ?? []),
    );
    let missing = [...series];
    // The first control actions of the demo come after some time. If a series never comes, its name is the failure.
    await waitFor(
      'all series',
      async () => {
        const found = await Promise.all(missing.map((name) => prometheus.query(name)));
        missing = missing.filter((_, i) => found[i]?.length === 0);
        return missing.length === 0 || undefined;
      },
      90_000,
    ).catch(() => undefined);

    expect(missing).toEqual([]);
  });

  test('the commands for trouble work, apart from those that say what they need', {
    timeout: 120_000,
  }, () => {
    const lines = inTrouble.flatMap(shellLinesIn).filter(isRunnable);
    const output = new Map(lines.map((line) => [line, outputOf(filledIn(line))]));

    expect(lines.length).toBeGreaterThan(15);
    expect([...output].filter(([line]) => line.startsWith('curl')).map(([, text]) => text)).not.toContain('');
    expect(output.get('livestream-exporter check-config live.yaml')).toMatch(/^live\.yaml: valid: /);
  });

  test('the requests of all pages to the exporter succeed', { timeout: 120_000 }, () => {
    const lines = [...new Set(pages.flatMap(shellLinesIn))]
      .filter((line) => /^curl .*127\.0\.0\.1:10935/.test(line) && isRunnable(line))
      .map(filledIn);

    expect(lines.length).toBeGreaterThan(15);
    expect(lines.map(outputOf).filter((text) => /error|not found/i.test(text))).toEqual([]);
  });

  test('the scrape config of the README scrapes the exporter', async () => {
    // A single scrape can take too long on a busy machine.
    await waitFor('a scrape that succeeds', async () => {
      const series = await prometheus.query('up{job="livestream-exporter"} == 1');
      return series.length > 0 ? true : undefined;
    });
  });
});

/** Reports whether the command needs nothing but the exporter and programs that are installed. */
function isRunnable(line: string): boolean {
  if (/ # needs \S/.test(line)) return false;
  const used = ['curl', 'jq', 'amtool', 'promtool'].filter((tool) => line.split(/[ |]+/).includes(tool));
  return process.env.REQUIRE_TOOLS === '1' || used.every((tool) => hasTool(tool));
}

/**
 * The scrape config of the README with this address and a short interval, the rules of the directory, and the
 * relabeling of alerts.
 */
function configFor(host: string, directory: string): string {
  const yaml = (start: string) =>
    pages
      .flatMap((text) => blocksIn(text))
      .find(({ language, code }) => language === 'yaml' && code.startsWith(start));
  const scrape = yaml('scrape_configs:')?.code.replace('127.0.0.1:10935', host).replace('5s', '1s');
  const relabeling = yaml('alert_relabel_configs:')?.code;
  return `
global: {evaluation_interval: 1s}
rule_files: ["${join(directory, 'short.rules.yml')}"]
alerting:
  ${relabeling}
${scrape}
`;
}

/** Replaces the placeholders of queries and commands by a stream of the demo. */
function filledIn(text: string): string {
  const values: Record<string, string> = {
    STREAM: '1234_news',
    ACCOUNT: 'simulator',
    PROVIDER: 'tencent',
    DOMAIN: 'push.example.com',
    APP_NAME: 'live',
    OPERATION: 'Get_LivePushStatHistory',
    COLLECTOR: 'push_stats',
  };
  return text.replaceAll(/\b[A-Z]+(?:_NAME)?\b/g, (word) => values[word] ?? word);
}

/** Fills the directory with the files that the pages assume, the exporter, and the rules with short intervals. */
function setUp(directory: string): void {
  mkdirSync(join(directory, 'data'));
  cpSync(join(root, 'config'), directory, { recursive: true });
  copyFileSync(join(root, 'config', 'livestream-exporter.yaml'), join(directory, 'live.yaml'));
  const rules = readFileSync(join(root, 'config', 'rules', 'livestream.rules.yml'), 'utf8');
  writeFileSync(join(directory, 'short.rules.yml'), rules.replaceAll(/^( +interval): \w+$/gm, '$1: 1s'));
  writeFileSync(
    join(directory, 'livestream-exporter'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'src', 'main.ts')}' "$@"\n`,
    { mode: 0o755 },
  );
}

/** Runs a command of a page in the directory. Throws if it fails. */
function run(command: string, url: string, directory: string): string {
  const script = command.replaceAll('http://127.0.0.1:10935/', url);
  return execFileSync('sh', ['-ec', script], {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${directory}:${process.env.PATH}`, no_proxy: '127.0.0.1' },
  });
}
