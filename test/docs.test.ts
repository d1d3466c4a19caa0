import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { parseInvocation, usage } from '../src/commands/flags.ts';
import { loadConfig } from '../src/config/load.ts';
import { createExporterMetrics } from '../src/metrics/exporter/exporter-metrics.ts';
import { toDiagnosticLines } from '../src/text/diagnostics.ts';
import { knownMetrics } from './support/known-metrics.ts';
import { blocksIn } from './support/markdown.ts';
import { describeWithTool } from './support/tools.ts';

const root = join(import.meta.dirname, '..');

/** A Markdown page; `path` is relative to the root. */
interface Page {
  readonly path: string;
  readonly text: string;
  /** The text without code blocks, which contain no links and no headings. */
  readonly prose: string;
}

const ignoredDirectories = new Set(['node_modules', '.git', 'coverage', 'data', 'dist']);

const pages: readonly Page[] = markdownIn(root).map((file) => {
  const text = readFileSync(file, 'utf8');
  return { path: relative(root, file), text, prose: text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '') };
});

test('finds the pages of the project', () => {
  expect(pages.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'docs/architecture.md']),
  );
});

test('every link resolves to a file and, with an anchor, to a heading', () => {
  const isBroken = (page: string, link: string) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : join(dirname(page), decodeURI(file));
    if (anchor === undefined) return !existsSync(join(root, target));
    const prose = pages.find(({ path }) => path === target)?.prose;
    return prose === undefined || !anchorsOf(prose).has(decodeURI(anchor));
  };

  expect(problemsIn(({ path, prose }) => linksIn(prose).filter((link) => isBroken(path, link)))).toEqual([]);
});

test('every project file that a page names exists', () => {
  const isPath = (span: string) => /^(src|config|test|dashboards|docs|\.ci)\/[\w./-]*$/.test(span);

  expect(
    problemsIn(({ prose }) => spansIn(prose).filter((span) => isPath(span) && !existsSync(join(root, span)))),
  ).toEqual([]);
});

test('every metric that a page names exists', () => {
  const own = createExporterMetrics({ version: '0', nodeVersion: '0' }).list.map(({ name }) => name);
  const known = [...knownMetrics(), ...own];
  const isKnown = (name: string) =>
    name.endsWith('*') ? known.some((metric) => metric.startsWith(name.slice(0, -1))) : known.includes(name);

  // A name after a colon is part of the name of a recording rule.
  const named = /(?<![\w:])livestream_\w+\*?/g;

  expect(problemsIn(({ text }) => (text.match(named) ?? []).filter((name) => !isKnown(name)))).toEqual([]);
});

test('every flag that a page names is in the usage text', () => {
  const flags = new Set(usage.match(/--[\w.-]+/g));
  const named = /(?<![\w-])--(?:config\.file|web|storage|log)[\w.-]*\w/g;

  expect(problemsIn(({ text }) => (text.match(named) ?? []).filter((flag) => !flags.has(flag)))).toEqual([]);
});

test('the program accepts every command line that a page shows', () => {
  const problems = (args: readonly string[]) => {
    const invocation = parseInvocation(args);
    return invocation.command === 'unusable' ? [`${args.join(' ')}: ${invocation.problem}`] : [];
  };

  expect(pages.flatMap(({ text }) => commandLinesIn(text)).length).toBeGreaterThan(3);
  expect(problemsIn(({ text }) => commandLinesIn(text).flatMap(problems))).toEqual([]);
});

test('the config loader accepts every complete config that a page shows', () => {
  const configs = (text: string) =>
    blocksIn(text).filter(({ language, code }) => language === 'yaml' && code.startsWith('accounts:'));
  const problems = (code: string, path: string) => {
    const loaded = loadConfig(code, path);
    return 'problems' in loaded ? toDiagnosticLines(path, loaded.problems) : [];
  };

  expect(pages.flatMap(({ text }) => configs(text)).length).toBeGreaterThan(2);
  expect(problemsIn(({ path, text }) => configs(text).flatMap(({ code }) => problems(code, path)))).toEqual(
    [],
  );
});

test('every npm script that a page names exists', () => {
  // Cast: this project's package.json has scripts.
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const named = (text: string) => [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name);

  expect(problemsIn(({ text }) => named(text).filter((name) => !Object.hasOwn(scripts, name)))).toEqual([]);
});

test('both READMEs contain the same code blocks, apart from comments', () => {
  const shown = (path: string) =>
    blocksIn(pages.find((page) => page.path === path)?.text ?? '')
      .filter(({ language }) => language !== '')
      .map(({ code }) => code.replaceAll(/(?:^|\s+)#.*$/gm, ''));

  expect(shown('README.md').length).toBeGreaterThan(5);
  expect(shown('README.zh-CN.md')).toEqual(shown('README.md'));
});

describeWithTool('promtool', 'promtool', () => {
  test('parses every query that a page shows', () => {
    const queries = pages
      .flatMap(({ text }) => blocksIn(text))
      .filter(({ language }) => language === 'promql')
      .flatMap(({ code }) => code.trim().split('\n'));
    const rules = queries.map((expr, i) => ({ record: `query:${i}`, expr: expr.trim() }));
    const directory = mkdtempSync(join(tmpdir(), 'docs-'));
    const file = join(directory, 'queries.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'docs', rules }] }));

    try {
      expect(execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8', stdio: 'pipe' })).toMatch(
        `SUCCESS: ${queries.length} rules found`,
      );
      expect(queries.length).toBeGreaterThan(10);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

/** Applies a check to every page and prefixes each problem with the path of its page. */
function problemsIn(check: (page: Page) => readonly string[]): string[] {
  return pages.flatMap((page) => check(page).map((problem) => `${page.path}: ${problem}`));
}

function markdownIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return ignoredDirectories.has(entry.name) ? [] : markdownIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Returns the targets of links and images within the project. */
function linksIn(prose: string): string[] {
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Returns the texts between backticks. */
function spansIn(prose: string): string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** Returns the heading anchors as GitHub generates them: lower case, spaces as hyphens, no punctuation. */
function anchorsOf(prose: string): ReadonlySet<string> {
  return new Set(
    [...prose.matchAll(/^#{1,6} +(.*)$/gm)].map(([, heading = '']) =>
      heading
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Returns the arguments of each command line in a code block that starts this program. */
function commandLinesIn(text: string): string[][] {
  const starts =
    /^(?:\$ )?(?:docker run .* )?(?:livestream-exporter|node src\/main\.ts|npm start(?: --silent)? --|npm run (demo) --)(?: +(.*))?$/;
  return blocksIn(text)
    .flatMap(({ code }) => code.replaceAll(/\\\n */g, '').split('\n'))
    .flatMap((line) => {
      const [found, command, rest = ''] = starts.exec(line.trim()) ?? [];
      if (found === undefined) return [];
      // Cuts off comments, pipes, redirections and `&`.
      const args = (rest.split(/ *(?:#|>|\||&|<)/)[0] ?? '').split(/ +/).filter((arg) => arg !== '');
      return [command === undefined ? args : [command, ...args]];
    });
}
