import { describe, expect, test } from 'vitest';
import { english } from '../../src/server/words-en.ts';
import { chinese } from '../../src/server/words-zh.ts';
import { chinesePages, read } from './texts.ts';

const pairs = chinesePages()
  .filter((name) => !name.startsWith('docs/reference/'))
  .map((name) => ({ name, original: name.replace('zh-CN/', '').replace('.zh-CN.md', '.md') }));
const runbooks = pairs.filter(({ name }) => name.startsWith('docs/runbooks/'));

describe.each(pairs)('the Chinese page $name', ({ name, original }) => {
  test('states each number of the English page in the same section', () => {
    const translated = sectionsIn(read(name));
    const missing = sectionsIn(read(original)).flatMap((section, i) => {
      const left = numbersIn(translated[i] ?? '');
      return numbersIn(section).filter((number) => {
        const at = left.indexOf(number);
        if (at >= 0) left.splice(at, 1);
        return at < 0;
      });
    });

    expect(missing).toEqual([]);
  });
});

describe.each(runbooks)('the Chinese runbook $name', ({ name, original }) => {
  test('shows each word of the status page that the English runbook shows', () => {
    const shown = new Set(italicsIn(read(name)));
    const missing = italicsIn(read(original)).filter((word) => {
      const translations = translationsOf(word);
      return translations.length > 0 && !translations.some((translation) => shown.has(translation));
    });

    // In one sentence, the English page names a page of a console that has the name of a table of the status page.
    expect(missing).toEqual(name.endsWith('/LivestreamForbidden.md') ? ['Streams'] : []);
  });
});

test('the runbooks show words of the status page', () => {
  const words = runbooks
    .flatMap(({ original }) => italicsIn(read(original)))
    .filter((word) => translationsOf(word).length > 0);

  expect(words.length).toBeGreaterThan(50);
});

/** Returns the Chinese words of an English word on the status page, whose tiles write states with a capital. */
function translationsOf(word: string): readonly string[] {
  const groups = ['text', 'states', 'kinds', 'banSources'] as const;
  return groups.flatMap((group) => {
    const translated: Readonly<Record<string, string>> = chinese[group];
    return Object.entries(english[group]).flatMap(([key, value]) =>
      value === word || (group === 'states' && value === word.toLowerCase()) ? (translated[key] ?? []) : [],
    );
  });
}

/** Returns the prose of each section, without code and targets of links. */
function sectionsIn(page: string): readonly string[] {
  return page
    .replaceAll(/^ *```[\s\S]*?^ *```/gm, '')
    .replaceAll(/`[^`]*`/g, '')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .split(/^#+ .*$/m);
}

/** Returns the numbers in digits, sorted, without those of lists and of names. */
function numbersIn(section: string): string[] {
  const plain = section
    .replaceAll(/^ *\d+\. /gm, '')
    .replaceAll(/kill -9|HTTP\/1\.1/g, '')
    .replaceAll(/(?<=\d),(?=\d{3})/g, '')
    .replaceAll(/(\d+) 万/g, '$10000');
  return (plain.match(/\d+(?:\.\d+)?/g) ?? []).sort();
}

function italicsIn(page: string): readonly string[] {
  const prose = page.replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
  return [...prose.matchAll(/(?<!\*)\*(?![* ])([^*]+)\*(?!\*)/g)].map(([, word = '']) =>
    word.replaceAll(/\s+/g, ' '),
  );
}
