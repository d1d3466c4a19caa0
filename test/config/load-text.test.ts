import { expect, test } from 'vitest';
import { account, load, problemsOf } from './loading.ts';

test('treats a key with an empty value as absent', () => {
  const { pushTargets } = load(`${account}
    requests_per_second:
    proxy_url_env:
defaults:
push_stats: {interval: }
streams:
  - {account: tencent, stream: a, labels: , expect: }
`);

  expect(pushTargets[0]).toMatchObject({ intervalMs: 5_000, labels: {} });
  expect(load(`${account}streams:\n`).pushTargets).toEqual([]);
  expect(load(account).pushTargets).toEqual([]);
});

test('accepts Windows line endings', () => {
  const text = `${account}streams:\n  - {account: tencent, stream: 1}\n`.replaceAll('\n', '\r\n');

  expect(problemsOf(text)).toEqual(['test.yaml:7:32: streams.0.stream: expected text; put it in quotes']);
});

test('resolves an alias', () => {
  const { pushTargets } = load(`${account}
streams:
  - {account: tencent, stream: a, expect: &hd {fps: 50}}
  - {account: tencent, stream: b, expect: *hd}
`);

  expect(pushTargets.map(({ expectation }) => expectation.framesPerSecond)).toEqual([50, 50]);
});

test('reports 100 problems and the number of the remaining ones', () => {
  const streams = Array.from({ length: 102 }, (_, i) => `  - {account: tencent, stream: ${i}}`);

  const lines = problemsOf(`${account}streams:\n${streams.join('\n')}\n`);

  expect(lines).toHaveLength(101);
  expect(lines.at(-2)).toBe('test.yaml:106:32: streams.99.stream: expected text; put it in quotes');
  expect(lines.at(-1)).toBe('test.yaml: 2 more problems');
});

test('sorts the problems of all checks by position', () => {
  const lines = problemsOf(`limits: {max_streams: 1}
streams:
  - {account: tencnt, stream: a}
  - {account: tencent, stream: b, stream: c, fps: 25}
${account.trimStart()}    name: tencent
`);

  expect(lines.map((line) => line.split(': ')[1])).toEqual([
    'streams',
    'streams.0.account',
    'streams.1.stream',
    'streams.1.fps',
    'accounts.0.name',
  ]);
});

test('cross-checks accounts and streams that have other errors', () => {
  const lines = problemsOf(`
accounts:
  - {name: broken, provider: tencent}
  - {name: whole, provider: tencent, statcgi: {app_id: 1, key_env: A}, push_stats: {lookback: 6s}}
streams:
  - {account: broken, stream: a}
  - {account: none, stream: a}
  - {account: whole, stream: a}
  - {account: whole, stream: a}
`);

  expect(lines).toEqual([
    'test.yaml:3:5: accounts.0: expected api3 (for a SecretId and a SecretKey) or statcgi (for the key of the statistics API)',
    'test.yaml:4:95: accounts.1.push_stats.lookback: lookback 6s must be at least stale_after 30s',
    'test.yaml:7:15: streams.1.account: unknown account "none"',
    'test.yaml:9:30: streams.3.stream: duplicate stream: streams.2 has the same account, domain, app_name and stream',
  ]);
});

test('loads 10,000 streams within seconds', () => {
  const streams = Array.from(
    { length: 10_000 },
    (_, i) => `  - {account: tencent, stream: s${i}, labels: {n: a}}`,
  );
  const started = performance.now();

  const { pushTargets } = load(`${account}streams:\n${streams.join('\n')}\n`);

  expect(pushTargets).toHaveLength(10_000);
  // A quadratic comparison would take minutes.
  expect(performance.now() - started).toBeLessThan(15_000);
});

/** Texts of 10 MB that would block a YAML parser for minutes. */
const attacks: Readonly<Record<string, () => string>> = {
  'printable noise': () => noise(' !"#$%&\'()*+,-./0123456789:;<=>?@ABC[\\]^_`abc{|}~\n', 10_000_000),
  'noise of YAML syntax': () => noise('ab: \n', 10_000_000),
  'open brackets': () => '['.repeat(10_000_000),
  'closed brackets': () => ']'.repeat(10_000_000),
  commas: () => `[${','.repeat(10_000_000)}`,
  'lists in lists': () => '- '.repeat(5_000_000),
  'ever deeper indentation': () => Array.from({ length: 4_000 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
  'bad escapes': () => `"${'\\q'.repeat(5_000_000)}"`,
  'anchors of one node': () => '&a '.repeat(3_000_000),
  'a zero byte at the end': () => `${'a'.repeat(10_000_000)}\0`,
};

test.each(Object.keys(attacks))('rejects %s within seconds', (name) => {
  const text = attacks[name]?.() ?? '';
  const started = performance.now();

  const lines = problemsOf(text);

  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThanOrEqual(101);
  expect(performance.now() - started).toBeLessThan(10_000);
});

/** Returns pseudo-random text, the same on each call. */
function noise(alphabet: string, length: number): string {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    bytes[i] = alphabet.charCodeAt((state >> 12) % alphabet.length);
  }
  return bytes.toString('latin1');
}
