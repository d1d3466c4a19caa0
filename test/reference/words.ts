import { chineseText, chineseType } from './chinese.ts';
import type { TypeWords } from './schema-keys.ts';

/** Language of a reference page. */
export type Language = 'en' | 'zh-CN';

/** Everything on a page that depends on its language. */
export interface Words {
  readonly types: TypeWords;
  readonly required: string;
  readonly key: string;
  readonly type: string;
  readonly defaultValue: string;
  readonly meaning: string;
  readonly metric: string;
  readonly metricType: string;
  readonly labels: string;
  readonly presence: string;
  readonly source: string;
  readonly config: string;
  /** Returns the value in a translated sentence "Default: VALUE." */
  withoutDefault(sentence: string): string;
  /** Translates the text of a schema or family. */
  translate(english: string): string;
}

const english: Words = {
  types: {
    section: 'section',
    integer: 'integer',
    number: 'number',
    text: 'text',
    anyOf: (types) =>
      [types.slice(0, -1).join(', '), ...types.slice(-1)].filter((part) => part !== '').join(' or '),
    listOf: (item, minItems) => `list${minItems > 0 ? ', not empty' : ''}; each item: ${item}`,
    mappingTo: (value) => `mapping; each value: ${value}`,
    range(min, max) {
      if (min?.startsWith('>')) return ` above ${min.slice(1)}${max === undefined ? '' : `, at most ${max}`}`;
      if (min === undefined) return max === undefined ? '' : ` up to ${max}`;
      return max === undefined ? ` from ${min}` : ` from ${min} to ${max}`;
    },
    characters(min, max) {
      if (max === undefined) return '';
      return min === 0 ? ` of at most ${max} characters` : ` of ${min} to ${max} characters`;
    },
    unit: (name) => ` (${name})`,
    named: (comment) => comment,
  },
  required: '**required**',
  key: 'key',
  type: 'type and limits',
  defaultValue: 'default',
  meaning: 'meaning',
  metric: 'metric',
  metricType: 'type',
  labels: 'labels',
  presence: 'presence',
  source: 'source',
  config: 'the config',
  withoutDefault: (sentence) => sentence.replace(/^Default: |\.$/g, ''),
  translate: (text) => text,
};

const simplifiedChinese: Words = {
  types: {
    section: '配置段',
    integer: '整数',
    number: '数字',
    text: '文本',
    anyOf: (types) => types.join(' 或 '),
    listOf: (item, minItems) => `列表${minItems > 0 ? '（不能为空）' : ''}，每项为：${item}`,
    mappingTo: (value) => `名称到值的映射，值为：${value}`,
    range(min, max) {
      const upper = max === undefined ? '' : `不超过 ${max}`;
      if (min?.startsWith('>')) return `，大于 ${min.slice(1)}${upper === '' ? '' : `，${upper}`}`;
      if (min === undefined) return upper === '' ? '' : `，${upper}`;
      return max === undefined ? `，至少 ${min}` : `，${min} 到 ${max}`;
    },
    characters(min, max) {
      if (max === undefined) return '';
      return min === 0 ? `，最多 ${max} 个字符` : `，${min} 到 ${max} 个字符`;
    },
    unit: (name) => `（${name}）`,
    named: chineseType,
  },
  required: '**必填**',
  key: '配置项',
  type: '类型与限制',
  defaultValue: '默认值',
  meaning: '含义',
  metric: '指标',
  metricType: '类型',
  labels: '标签',
  presence: '何时有序列',
  source: '来源',
  config: '配置',
  withoutDefault: (sentence) => sentence.replace(/^默认为 ?|。$/g, ''),
  translate: chineseText,
};

/** The words of each language. */
export const words: Readonly<Record<Language, Words>> = { en: english, 'zh-CN': simplifiedChinese };
