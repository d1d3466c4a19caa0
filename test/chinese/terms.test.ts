import { describe, expect, test } from 'vitest';
import { states as panelStates, valueNames } from '../../dashboards/texts.ts';
import { chinese as page } from '../../src/server/words-zh.ts';
import { terms } from './terms.ts';
import { chineseRules, chineseTexts, read } from './texts.ts';

const texts = chineseTexts();
const han = '\\p{Script=Han}';

describe.each(texts)('the Chinese texts of $name', ({ text }) => {
  test('use no retired word of the vocabulary', () => {
    const found = terms.flatMap(({ chinese, retired }) =>
      retired === undefined
        ? []
        : [...text.matchAll(new RegExp(retired, 'gu'))].map(
            ({ index, 0: word }) => `${word}, now ${chinese}: ${around(text, index)}`,
          ),
    );

    expect(found).toEqual([]);
  });

  test('have a space between Chinese and Latin letters, digits or values', () => {
    const touching = new RegExp(`${han}(?:[A-Za-z0-9]|\\{\\{)|(?:[A-Za-z0-9%]|\\}\\})${han}`, 'gu');
    // In a notification template, an action such as {{ end }} can stand next to text: it is no value.
    const values = text.replaceAll(/\{\{-? ?(?:\/\*|if|end|with|range|define)[\s\S]*?\}\}/g, '');

    expect([...values.matchAll(touching)].map(({ index }) => around(values, index))).toEqual([]);
  });

  test('write a percentage without a space', () => {
    expect(text.match(new RegExp(`\\d %(?=[${han}，。、；：）])`, 'gu')) ?? []).toEqual([]);
  });
});

describe.each(texts.filter(({ name }) => name.endsWith('.md')))('the page $name', ({ text }) => {
  test('ends emphasis so that Markdown renders it: after punctuation, a space or punctuation follows', () => {
    const unrendered = [...text.matchAll(/(\*{1,2})[^*\n]+\1(?!\*)/g)].filter(({ index, 0: emphasis }) =>
      new RegExp(`^[。，：；）”？！]\\*+[${han}\\w{]`, 'u').test(
        text.slice(index + emphasis.replace(/\*+$/, '').length - 1),
      ),
    );

    expect(unrendered.map(({ index }) => around(text, index))).toEqual([]);
  });
});

test('every term is in use', () => {
  const all = texts.map(({ text }) => text).join('\n');

  expect(terms.filter(({ chinese }) => !all.includes(chinese)).map(({ english }) => english)).toEqual([]);
});

test('no term has two entries', () => {
  const words = terms.map(({ chinese }) => chinese);

  expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([]);
});

describe('a state of a stream', () => {
  test('has the same name on the status page and on the dashboards', () => {
    const { notPushed, interrupted, ...others } = panelStates;
    const named = Object.entries({ ...others, not_pushed: notPushed }).map(([state, { zh }]) => [state, zh]);

    expect(Object.fromEntries(named)).toEqual(page.states);
    // On the page, a mark of a stream that is up.
    expect(interrupted.zh).toBe(page.text.interrupted);
  });

  test('has the same name in the vocabulary', () => {
    const words = new Set(terms.map(({ chinese }) => chinese));

    expect(Object.values(page.states).filter((name) => !words.has(name))).toEqual([]);
  });

  test('has this name in the table of states of the docs', () => {
    const [, table = ''] = read('docs/zh-CN/alerting.md').split('| 状态 | 含义 | 颜色 |\n');
    const rows = table.split('\n\n')[0]?.split('\n').slice(1) ?? [];

    expect(rows.map((row) => row.split(' | ')[0]?.replace('| ', ''))).toEqual(Object.values(page.states));
  });

  test('has this name in the rules that mention it', () => {
    const rules = chineseRules();

    expect(rules).toContain(`${page.states.degraded}或${page.states.missing}`);
    expect(rules).toContain(`状态${page.states.unknown}`);
  });
});

test('the dashboards and the README name the conditions as the status page does', () => {
  const { low_fps: lowFps, no_video: noVideo, low_bitrate: lowBitrate, video_stall: videoStall } = valueNames;
  const onPanels = [lowFps, noVideo, lowBitrate, videoStall].map(({ zh }) => zh);
  const { low_fps, no_video, low_bitrate, video_stall } = page.kinds;

  expect(onPanels).toEqual([low_fps, no_video, low_bitrate, video_stall]);
  expect(read('README.zh-CN.md')).toContain(onPanels.join('、'));
});

test('everything that a runbook shows in italics is a word of the status page', () => {
  const words = new Set([
    ...Object.values(page.text),
    ...Object.values(page.states),
    ...Object.values(page.kinds),
    ...Object.values(page.banSources),
    page.morePublishers(1),
  ]);
  const shown = texts
    .filter(({ name }) => name.startsWith('docs/runbooks/'))
    .flatMap(({ text }) => [
      ...text.matchAll(new RegExp(`(?<![*])[*](?![* ])([^*\\n]*${han}[^*\\n]*)[*](?![*])`, 'gu')),
    ])
    .map(([, word = '']) => word.replace('+ ', ''));

  expect(shown.length).toBeGreaterThan(30);
  expect([...new Set(shown)].filter((word) => !words.has(word))).toEqual([]);
});

/** Returns what stands around a position, to find it. */
function around(text: string, index: number): string {
  return text.slice(Math.max(0, index - 12), index + 14).replaceAll('\n', ' ');
}
