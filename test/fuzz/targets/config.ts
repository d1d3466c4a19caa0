import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { checkConfig } from '../../../src/commands/check-config.ts';
import { runPlan } from '../../../src/commands/plan.ts';
import { runRules } from '../../../src/commands/rules.ts';
import { type Loaded, loadConfig } from '../../../src/config/load.ts';
import { type Diagnostic, toDiagnosticLines } from '../../../src/text/diagnostics.ts';
import { parseYaml } from '../../../src/text/yaml.ts';
import type { Draws } from '../../chaos/draws.ts';
import { blocksIn } from '../../support/markdown.ts';
import { law, lawOfLines, lawOfTexts, plantedSecret, targetOf } from '../target.ts';
import { configs } from './exporter.ts';
import { mutatedYaml, root, seedsFrom, textsIn } from './yaml-seeds.ts';

interface Input {
  readonly text: string;
  readonly isJson: boolean;
  readonly scrapeMs: number;
  readonly streams: number;
}

const seeds = seedsFrom(
  [
    readFileSync(join(root, 'config/livestream-exporter.yaml'), 'utf8'),
    ...textsIn('test/fixtures/config', '.bad.yaml'),
    ...['configuration.md', 'credentials.md', 'alerting.md'].flatMap((page) => yamlOf(page)),
    ...Object.values(configs).map(({ yaml }) => yaml),
  ],
  (tree) => 'config' in loadConfig(JSON.stringify(tree), 'fuzz.json'),
);

function yamlOf(page: string): readonly string[] {
  try {
    const text = readFileSync(join(root, 'docs', page), 'utf8');
    return blocksIn(text).flatMap(({ language, code }) => (language === 'yaml' ? [code] : []));
  } catch {
    return [];
  }
}

/**
 * Accounts with a secret that stands in the wrong place: instead of a reference, as a key, or as the name of an account that
 * a stream uses.
 */
const secretPlaces: readonly ((secret: string) => string)[] = [
  (secret) => `{name: t, provider: tencent, statcgi: {app_id: 1, key: ${secret}}}`,
  (secret) => `{name: t, provider: tencent, statcgi: {app_id: 1, key_env: ${secret}}}`,
  (secret) => `{name: t, provider: tencent, statcgi: {app_id: 1, key_file: ${secret}}}`,
  (secret) => `{name: t, provider: tencent, statcgi: {app_id: 1, key=${secret}}}`,
  (secret) => `{name: a, provider: alibaba, access_key_id: ${secret}, access_key_secret: "${secret}"}`,
  (secret) => `{name: a, provider: alibaba, endpoint: "https://u:${secret}@live.example.com"}`,
  (secret) => `{name: a, provider: alibaba, access_key_id_env: {${secret}: 1}}`,
  (secret) => `{name: a, provider: alibaba, ${secret}: 1}`,
  (secret) => `{name: a}\nstreams:\n  - {account: "${secret}", stream: a}\nunread:`,
];

function generate(draws: Draws): Input {
  const { text, isJson } = mutatedYaml(seeds, draws, true);
  const isPlanted = !isJson && draws.below(4) === 0;
  // Half of them in a file without other problems, which could hide it.
  const around = draws.below(2) === 0 ? text : (seeds.texts[0] ?? '');
  const planted = isPlanted
    ? around.replace(/^accounts:$/m, `accounts:\n  - ${draws.pick(secretPlaces)(plantedSecret)}`)
    : text;
  return {
    text: planted,
    isJson,
    scrapeMs: draws.pick([1_000, 5_000, 300_000]),
    streams: draws.pick([0, 1, 100, 9_999_999]),
  };
}

/** Config files, and the commands that read them. */
export const configTarget = targetOf<Input>('config', () => {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-fuzz-'));
  return {
    generate,
    check: (input) => check(input, directory),
    close: () => rmSync(directory, { recursive: true }),
  };
});

async function check(input: Input, directory: string): Promise<void> {
  const { text, isJson } = input;
  const name = isJson ? 'fuzz.json' : 'fuzz.yaml';
  const loaded = loadConfig(text, name);
  if ('problems' in loaded) {
    law(loaded.problems.length > 0, 'a rejected config has a problem');
    lawOfDiagnostics(loaded.problems, text);
    return;
  }
  lawOfConfig(loaded, text, isJson);
  const file = join(directory, name);
  writeFileSync(file, text);
  await lawOfCommands(file, input);
}

/** Every problem has a position in the text, and a text for one line of a terminal. */
export function lawOfDiagnostics(
  problems: readonly Diagnostic[],
  text: string,
  secrets?: readonly string[],
): void {
  lawOfLines(toDiagnosticLines('fuzz.yaml', problems), secrets);
  const lines = text.split(/\r\n|\n|\r/);
  // YAML and JSON count a lone carriage return differently, and so do editors.
  const hasColumns = !/\r(?!\n)/.test(text);
  for (const { line, column, path, text: problem } of problems) {
    law(problem !== '', 'a problem has a text');
    law((line === undefined) === (column === undefined), 'a position has a line and a column');
    if (line === undefined || column === undefined) continue;
    law(
      Number.isInteger(line) && line >= 1 && line <= lines.length,
      'the line exists',
      line,
      lines.length,
      path,
    );
    if (!hasColumns) continue;
    const length = lines[line - 1]?.length ?? 0;
    law(
      Number.isInteger(column) && column >= 1 && column <= length + 1,
      'the column exists',
      line,
      column,
      length,
    );
  }
}

function lawOfConfig(loaded: Extract<Loaded, { config: unknown }>, text: string, isJson: boolean): void {
  const { config, named } = loaded;
  law(isDeepStrictEqual(structuredClone(config), config), 'a config passes between threads unchanged');
  lawOfTexts([JSON.stringify([config, named])], ['hunter2']);
  const yaml = isJson ? { value: JSON.parse(text) as unknown } : parseYaml(text);
  law('value' in yaml, 'an accepted config is YAML');
  const again = loadConfig(JSON.stringify(yaml.value), 'fuzz.json');
  law('config' in again, 'an accepted config is accepted as JSON', 'problems' in again && again.problems);
  law(isDeepStrictEqual(again.config, config), 'a config means the same in JSON');
  law(
    isDeepStrictEqual(loadConfig(text, 'fuzz.yaml'), loadConfig(text, 'fuzz.yaml')),
    'loading is repeatable',
  );
}

/** Content of each environment variable and file that a config can name. */
const contentSecret = 'Content5Of9Secret3Wm7Tb';

async function lawOfCommands(file: string, { scrapeMs, streams }: Input): Promise<void> {
  const output: string[] = [];
  const write = (text: string) => output.push(text);
  const env = new Proxy<Record<string, string>>(
    {},
    { get: (_, name) => (/PROXY/i.test(String(name)) ? undefined : contentSecret) },
  );
  const io = { out: write, err: write, env };
  law(
    (await checkConfig({ configFile: file, webConfigFile: undefined }, io)) === 0,
    'check-config accepts what the daemon accepts',
    output,
  );
  law(
    (await runPlan({ configFile: file, streams: streams || undefined }, io)) === 0,
    'plan accepts it',
    output,
  );
  lawOfLines(output.join('').split('\n').slice(0, -1), [contentSecret]);
  for (const format of ['prometheus', 'prometheusrule'] as const) {
    const rules: string[] = [];
    const flags = {
      format,
      language: 'zh',
      runbookBase: undefined,
      job: 'livestream-exporter',
      objective: 0.99,
      scrapeMs,
      streams,
    } as const;
    law(
      (await runRules(file, flags, { ...io, out: (text) => rules.push(text) })) === 0,
      'rules accepts it',
      output,
    );
    const parsed: unknown = parse(rules.join(''));
    law(typeof parsed === 'object' && parsed !== null, 'rules prints YAML');
    law(
      !/\b(NaN|undefined|Infinity)\b|\[object/.test(rules.join('')),
      'rules prints no unknown number',
      rules.join('').match(/.*\b(NaN|undefined|Infinity)\b.*/)?.[0],
    );
  }
  law(
    !/\b(NaN|undefined)\b|\[object/.test(output.join('')),
    'commands print no unknown number',
    output.join(''),
  );
}
