import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { parseInvocation, usage } from '../src/commands/flags.ts';
import { loadConfig } from '../src/config/load.ts';
import { createExporterMetrics } from '../src/metrics/exporter/exporter-metrics.ts';
import { toDiagnosticLines } from '../src/text/diagnostics.ts';
import { knownMetrics } from './support/known-metrics.ts';

const root = join(import.meta.dirname, '..');

/** A page of prose, by its path below the root. */
interface Page {
  readonly path: string;
  readonly text: string;
  /** Without code fences: what is written there is no link and no heading. */
  readonly prose: string;
}

const notOurs = new Set(['node_modules', '.git', 'coverage', 'data', 'dist']);

const pages: readonly Page[] = markdownIn(root).map((file) => {
  const text = readFileSync(file, 'utf8');
  return { path: relative(root, file), text, prose: text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '') };
});

test('there are pages, the two READMEs among them', () => {
  expect(pages.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'docs/architecture.md']),
  );
});

test('every link leads to a file, and to a heading where it names one', () => {
  const isBroken = (page: string, link: string) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : join(dirname(page), decodeURI(file));
    if (anchor === undefined) return !existsSync(join(root, target));
    const prose = pages.find(({ path }) => path === target)?.prose;
    return prose === undefined || !anchorsOf(prose).has(decodeURI(anchor));
  };

  expect(wrong(({ path, prose }) => linksIn(prose).filter((link) => isBroken(path, link)))).toEqual([]);
});

test('every file of the project that a page names is there', () => {
  const isPath = (span: string) => /^(src|config|test|dashboards|docs|\.ci)\/[\w./-]*$/.test(span);

  expect(
    wrong(({ prose }) => spansIn(prose).filter((span) => isPath(span) && !existsSync(join(root, span)))),
  ).toEqual([]);
});

test('every metric that a page names is one of the program', () => {
  const own = createExporterMetrics({ version: '0', nodeVersion: '0' }).list.map(({ name }) => name);
  const known = [...knownMetrics(), ...own];
  const isKnown = (name: string) =>
    name.endsWith('*') ? known.some((one) => one.startsWith(name.slice(0, -1))) : known.includes(name);

  expect(
    wrong(({ text }) => (text.match(/(?<!\w)livestream_\w+\*?/g) ?? []).filter((name) => !isKnown(name))),
  ).toEqual([]);
});

test('every flag of the daemon that a page names is in its usage', () => {
  const flags = new Set(usage.match(/--[\w.-]+/g));
  const named = /(?<![\w-])--(?:config\.file|web|storage|log)[\w.-]*\w/g;

  expect(wrong(({ text }) => (text.match(named) ?? []).filter((flag) => !flags.has(flag)))).toEqual([]);
});

test('every command line of the program is one that it takes', () => {
  const problems = (args: readonly string[]) => {
    const invocation = parseInvocation(args);
    return invocation.command === 'unusable' ? [`${args.join(' ')}: ${invocation.problem}`] : [];
  };

  expect(pages.flatMap(({ text }) => commandLinesIn(text)).length).toBeGreaterThan(3);
  expect(wrong(({ text }) => commandLinesIn(text).flatMap(problems))).toEqual([]);
});

test('every config that a page shows whole is one that it takes', () => {
  const configs = (text: string) =>
    blocksIn(text).filter(({ language, code }) => language === 'yaml' && code.startsWith('accounts:'));
  const problems = (code: string, path: string) => {
    const loaded = loadConfig(code, path);
    return 'problems' in loaded ? toDiagnosticLines(path, loaded.problems) : [];
  };

  expect(pages.flatMap(({ text }) => configs(text)).length).toBeGreaterThan(2);
  expect(wrong(({ path, text }) => configs(text).flatMap(({ code }) => problems(code, path)))).toEqual([]);
});

test('every npm script that a page names is in package.json', () => {
  // Our own package.json, which has scripts.
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const named = (text: string) => [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name);

  expect(wrong(({ text }) => named(text).filter((name) => !Object.hasOwn(scripts, name)))).toEqual([]);
});

test('both READMEs show the same commands, configs and expositions, but for the language of comments', () => {
  const shown = (path: string) =>
    blocksIn(pages.find((page) => page.path === path)?.text ?? '')
      .filter(({ language }) => language !== '')
      .map(({ code }) => code.replaceAll(/(?:^|\s+)#.*$/gm, ''));

  expect(shown('README.md').length).toBeGreaterThan(5);
  expect(shown('README.zh-CN.md')).toEqual(shown('README.md'));
});

/** What is wrong in any page, each with the page it is in. */
function wrong(find: (page: Page) => readonly string[]): string[] {
  return pages.flatMap((page) => find(page).map((what) => `${page.path}: ${what}`));
}

function markdownIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : markdownIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Targets within the project, of links and pictures. */
function linksIn(prose: string): string[] {
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** What stands between backticks. */
function spansIn(prose: string): string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** As GitHub makes them: small letters, words joined by hyphens, punctuation left out. */
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

/** What stands between code fences; `language` is empty where none is named. */
function blocksIn(text: string): { readonly language: string; readonly code: string }[] {
  return [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }));
}

/** The arguments of each line in a code block that starts the program, in any of the ways to start it. */
function commandLinesIn(text: string): string[][] {
  const starts =
    /^(?:\$ )?(?:docker run .* )?(?:livestream-exporter|node src\/main\.ts|npm start --|npm run (demo) --)(?: +(.*))?$/;
  return blocksIn(text)
    .flatMap(({ code }) => code.replaceAll(/\\\n */g, '').split('\n'))
    .flatMap((line) => {
      const [found, command, rest = ''] = starts.exec(line.trim()) ?? [];
      if (found === undefined) return [];
      // Up to what the shell does with it.
      const args = (rest.split(/ *(?:#|>|\||&|<)/)[0] ?? '').split(/ +/).filter((arg) => arg !== '');
      return [command === undefined ? args : [command, ...args]];
    });
}
