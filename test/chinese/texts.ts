import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toRuleFile } from '../../src/alerting/rule-file.ts';
import { createRules } from '../../src/alerting/rules.ts';

const root = join(import.meta.dirname, '..', '..');

/** A file, or generated text, with Chinese texts. */
export interface ChineseText {
  readonly name: string;
  readonly text: string;
}

/** Returns the paths of all Chinese pages. */
export function chinesePages(): readonly string[] {
  const directories = ['docs/zh-CN', 'docs/runbooks/zh-CN', 'docs/reference/zh-CN'];
  return ['README.zh-CN.md', ...directories.flatMap((directory) => filesIn(directory, '.md'))];
}

/** Returns all Chinese texts that operators read. */
export function chineseTexts(): readonly ChineseText[] {
  return [
    ...chinesePages().map((name) => ({ name, text: proseOf(read(name)) })),
    ...filesIn('dashboards', '.zh-CN.json').map((name) => ({ name, text: read(name) })),
    ...['src/server/words-zh.ts', 'src/alerting/posted-alerts.ts', 'config/templates/livestream.zh.tmpl'].map(
      (name) => ({ name, text: read(name) }),
    ),
    { name: 'rules --lang=zh', text: chineseRules() },
  ];
}

/** Returns the rule file with Chinese annotations. */
export function chineseRules(): string {
  const groups = createRules({
    scrapeMs: 5000,
    job: 'livestream-exporter',
    labels: [],
    objective: 0.99,
    paces: [],
  });
  return toRuleFile(groups, { language: 'zh', runbookBase: undefined, header: 'test' });
}

/** Returns the page without code blocks and targets of links, and with a value instead of code in backticks. */
function proseOf(page: string): string {
  return page
    .replaceAll(/^ *```[\s\S]*?^ *```/gm, '')
    .replaceAll(/\]\([^()\s]+\)/g, ']')
    .replaceAll(/`[^`\n]+`/g, '{{ code }}');
}

/** Returns a file of the project. */
export function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

function filesIn(directory: string, end: string): readonly string[] {
  return readdirSync(join(root, directory))
    .filter((name) => name.endsWith(end))
    .map((name) => `${directory}/${name}`);
}
