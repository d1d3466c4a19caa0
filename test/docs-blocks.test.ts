import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../src/config/load.ts';
import { parseScenario } from '../src/simulator/scenario/parse-scenario.ts';
import { toDiagnosticLines } from '../src/text/diagnostics.ts';
import { blocksIn, shellLinesIn } from './support/markdown.ts';
import { describeWithTool } from './support/tools.ts';

/**
 * Every shell command and every YAML block of the operators' pages is checked somewhere. These tests fail for a block
 * that nothing checks, so that its author decides how it is checked, or says what it needs.
 */
const root = join(import.meta.dirname, '..');
const docs = join(root, 'docs');
const pages = [
  join(root, 'README.md'),
  ...readdirSync(docs).map((name) => join(docs, name)),
  ...readdirSync(join(docs, 'runbooks')).map((name) => join(docs, 'runbooks', name)),
]
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ path: relative(root, file), text: readFileSync(file, 'utf8') }));

/** What checks the commands that start with these words, or what they need that a test does not have. */
const checkOf: Readonly<Record<string, string>> = {
  curl: 'test/e2e/docs.test.ts runs those on the exporter; the silences and the others need an Alertmanager or a proxy',
  'livestream-exporter': 'test/docs.test.ts parses all; test/e2e/docs.test.ts runs all but doctor and serve',
  'livestream-exporter doctor': 'an account',
  'npm run': 'test/docs.test.ts: the script exists',
  'npm start': 'test/docs.test.ts parses the arguments',
  'npm ci': 'test/packed/run.sh, Dockerfile',
  'npm cit': '.ci/run',
  'npm pack': 'test/packed/run.sh',
  'npm install': 'test/packed/run.sh; the credential libraries: test/config/credential-sources.test.ts',
  'npx livestream-exporter': 'test/packed/run.sh',
  'npm audit': 'a release',
  sha256sum: 'a release: .github/workflows/release.yml runs it',
  gh: 'a release',
  'mkdir -m': 'test/store/backup.test.ts, test/app/backup.test.ts',
  'chmod 600': 'test/store/backup.test.ts, test/app/backup.test.ts',
  'cp -a': 'test/store/backup.test.ts, test/app/backup.test.ts',
  'sqlite3 data/state.db': 'test/store/backup.test.ts, test/app/backup.test.ts',
  'mv data': 'test/app/backup.test.ts',
  'promtool check': 'test/rules/promtool.test.ts, test/e2e/alerting.test.ts',
  'amtool check-config': 'test/rules/receivers.test.ts',
  'amtool config': 'test/e2e/docs.test.ts',
  'amtool silence': 'test/rules/runbooks.test.ts: the matchers; an Alertmanager',
  'amtool alert': 'an Alertmanager',
  'amtool template': 'test/rules/receivers.test.ts renders the templates',
  docker: 'a container engine: test/container/run.sh, test/deploy/compose.test.ts',
  helm: 'a cluster: test/helm/run.sh',
  kubectl: 'a cluster',
  tccli: 'an account',
  aliyun: 'an account',
  groupadd: 'root',
  install: 'root: test/deploy/systemd.test.ts checks the unit',
  systemctl: 'systemd',
  journalctl: 'systemd',
  timedatectl: 'systemd',
  chronyc: 'chrony',
  dmesg: 'root',
  tr: 'a running service',
  date: 'test/e2e/docs.test.ts',
  df: 'test/e2e/docs.test.ts, with the directory of the state',
  ls: 'test/e2e/docs.test.ts, with the directory of the state',
  env: 'test/e2e/docs.test.ts',
};

test('every shell command of a page is checked, or something is known that it needs', () => {
  const unknown = pages.flatMap(({ path, text }) =>
    shellLinesIn(text)
      .filter((line) => checkFor(line) === undefined)
      .map((line) => `${path}: ${line}`),
  );

  expect(pages.flatMap(({ text }) => shellLinesIn(text)).length).toBeGreaterThan(100);
  expect(unknown).toEqual([]);
});

test('the list of checks has no command that no page shows', () => {
  const used = new Set(pages.flatMap(({ text }) => shellLinesIn(text)).map((line) => checkFor(line)));

  expect(Object.entries(checkOf).filter(([, check]) => !used.has(check))).toEqual([]);
});

test('a command that needs an account says so on the pages that are for reading in trouble', () => {
  const unmarked = pages
    .filter(({ path }) => /(?:troubleshooting|faq|security)\.md$/.test(path))
    .flatMap(({ text }) => shellLinesIn(text))
    .filter((line) => /^(?:livestream-exporter doctor|tccli|aliyun)\b/.test(line))
    .filter((line) => !line.endsWith('# needs an account'));

  expect(unmarked).toEqual([]);
});

test('the config loader accepts every part of a config that a page shows', () => {
  const parts = pages.flatMap(({ path, text }) =>
    blocksIn(text)
      .filter(({ language, code }) => language === 'yaml' && partKeys.test(code))
      .map(({ code }) => ({ path, code })),
  );
  const problems = parts.flatMap(({ path, code }) => {
    const loaded = loadConfig(completed(code), path);
    return 'problems' in loaded ? toDiagnosticLines(path, loaded.problems) : [];
  });

  expect(parts.length).toBeGreaterThan(4);
  expect(problems).toEqual([]);
});

test('every YAML block is a config, a part of one, or checked by the named test', () => {
  const elsewhere = [
    ['accounts:', 'test/docs.test.ts'],
    ['scrape_configs:', 'below, and that of the README in test/e2e/docs.test.ts'],
    ['alert_relabel_configs:', 'test/e2e/docs.test.ts'],
    ['resources:', 'test/helm/run.sh: a value of the chart'],
    ['tls_server_config:', 'test/config/web/load.test.ts'],
    ['name: friday', 'below'],
  ] as const;
  const unknown = pages.flatMap(({ path, text }) =>
    blocksIn(text)
      .filter(({ language, code }) => language === 'yaml' && !partKeys.test(code))
      .filter(({ code }) => !elsewhere.some(([start]) => code.startsWith(start)))
      .map(({ code }) => `${path}: ${code.split('\n')[0]}`),
  );

  expect(unknown).toEqual([]);
});

describeWithTool('promtool', 'promtool', () => {
  test('accepts every scrape config that a page shows', () => {
    const directory = mkdtempSync(join(tmpdir(), 'livestream-blocks-'));
    const file = join(directory, 'prometheus.yml');
    const configs = pages
      .flatMap(({ text }) => blocksIn(text))
      .filter(({ language, code }) => language === 'yaml' && code.startsWith('scrape_configs:'));

    try {
      expect(configs.length).toBeGreaterThan(0);
      for (const { code } of configs) {
        writeFileSync(file, code);
        for (const [name] of code.matchAll(/(?<=_file: )[\w.-]+/g)) writeFileSync(join(directory, name), '');
        expect(execFileSync('promtool', ['check', 'config', file], { encoding: 'utf8' })).toContain(
          'SUCCESS',
        );
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

test('the simulator accepts the scenario that its page shows', () => {
  const scenarios = pages.flatMap(({ path, text }) =>
    blocksIn(text)
      .filter(({ language, code }) => language === 'yaml' && code.startsWith('name:'))
      .map(({ code }) => parseScenario(code, path)),
  );

  expect(scenarios.map((parsed) => ('problems' in parsed ? parsed.problems : []))).toEqual([[]]);
});

/** First lines of blocks that are a part of a config. */
const partKeys = /^(?:domains|streams|alertmanager|client_ip|limits|push_stats|expect):/;

/** Returns a complete config with this part. */
function completed(part: string): string {
  const isExpectation = part.startsWith('expect:');
  const accounts = `
accounts:
  - {name: tencent, provider: tencent, api3: {secret_id_env: A, secret_key_env: B}}
  - {name: aliyun, provider: alibaba, access_key_id_env: A, access_key_secret_env: B}
`;
  const stream = 'streams:\n  - account: tencent\n    stream: room-1\n    domain: push.example.com\n';
  return accounts + (isExpectation ? stream + part.replaceAll(/^/gm, '    ').trimEnd() : part);
}

/** Returns the check of the longest beginning of the command that the list contains. */
function checkFor(line: string): string | undefined {
  const words = line.replace(/^\$ /, '').split(' ');
  for (const count of [2, 1]) {
    const found = checkOf[words.slice(0, count).join(' ')];
    if (found !== undefined) return found;
  }
  return undefined;
}
