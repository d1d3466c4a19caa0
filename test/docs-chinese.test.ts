import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blocksIn } from './support/markdown.ts';

const docs = join(import.meta.dirname, '..', 'docs');
const translated = readdirSync(join(docs, 'zh-CN')).sort();

test('the pages that an operator needs exist in Chinese', () => {
  expect(translated).toEqual([
    'alerting.md',
    'configuration.md',
    'faq.md',
    'install.md',
    'providers.md',
    'security.md',
    'troubleshooting.md',
    'upgrading.md',
  ]);
});

describe.each(translated)('the Chinese page %s', (name) => {
  const english = read(name);
  const chinese = read(join('zh-CN', name));

  test('links to the English page, and the English page to it', () => {
    expect(chinese.split('\n')).toContain(`[English](../${name})`);
    expect(english.split('\n')).toContain(`[中文](zh-CN/${name})`);
  });

  test('has the same headings: their levels, and the code in them', () => {
    expect(headingsIn(english).length).toBeGreaterThan(3);
    expect(headingsIn(chinese)).toEqual(headingsIn(english));
  });

  test('has the same code blocks, apart from comments', () => {
    expect(codeIn(chinese)).toEqual(codeIn(english));
  });

  test('has the same tables: the same rows, and the same code in the first two columns', () => {
    expect(rowsIn(chinese)).toEqual(rowsIn(english));
  });

  test('has the same list items, and the same pictures', () => {
    expect(listIn(chinese)).toEqual(listIn(english));
    expect(picturesIn(chinese)).toEqual(picturesIn(english).map((path) => `../${path}`));
  });

  test('names everything that the English page names: keys, flags, metrics, operations, values', () => {
    const named = new Set(spansIn(chinese));

    expect([...new Set(spansIn(english))].filter((span) => !named.has(span))).toEqual([]);
  });

  test('links to the pages, runbooks and addresses that the English page links to', () => {
    const linked = new Set(pagesLinkedIn(chinese));

    expect([...new Set(pagesLinkedIn(english))].filter((page) => !linked.has(page))).toEqual([]);
  });
});

/** Returns the text without code blocks, and without what a script writes into the page (performance.md: markers). */
function proseOf(text: string): string {
  return text
    .replaceAll(/^ *```[\s\S]*?^ *```/gm, '')
    .replaceAll(/<!-- (.+?) -->[\s\S]*?<!-- end of \1 -->/g, '');
}

/** Returns the level of each heading, and its parts in backticks. */
function headingsIn(text: string) {
  return [...proseOf(text).matchAll(/^(#+) (.*)$/gm)].map(([, level = '', title = '']) => ({
    level: level.length,
    code: spansIn(title),
  }));
}

/** Returns the code blocks without comments. */
function codeIn(text: string) {
  return blocksIn(text).map(({ language, code }) => ({
    language,
    code: code.replaceAll(/(?:^|\s+)#(?! needs).*$/gm, ''),
  }));
}

/** Returns the rows of all tables, in order: the code in their first two cells, in which word order can differ. */
function rowsIn(text: string) {
  const cellsOf = (row: string) => row.split('|').slice(0, 2);
  return [...proseOf(text).matchAll(/^ *\|(.*)\|$/gm)].map(([, row = '']) =>
    cellsOf(row).map((cell) => spansIn(cell).sort()),
  );
}

/** Returns the markers of all list items, with their indentation. */
function listIn(text: string): string[] {
  return proseOf(text).match(/^ *(?:-|\d+\.) (?=\S)/gm) ?? [];
}

function picturesIn(text: string): string[] {
  return [...text.matchAll(/!\[[^\]]*\]\((\S+)\)/g)].map(([, path = '']) => path);
}

function spansIn(text: string): string[] {
  return [...proseOf(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** Returns the files and addresses that a page links to, by the names of the files. */
function pagesLinkedIn(text: string): string[] {
  return [...proseOf(text).matchAll(/\]\(([^()\s#]+)/g)]
    .map(([, target = '']) => target)
    .map((target) => (target.startsWith('http') ? target : (target.split('/').at(-1) ?? '')))
    .map((target) => target.replace('README.zh-CN.md', 'README.md'))
    .filter((target) => target !== '');
}

function read(path: string): string {
  return readFileSync(join(docs, path), 'utf8');
}
