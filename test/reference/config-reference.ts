import * as z from 'zod';
import { toJsonSchema } from '../../src/config/schema/config.ts';
import { WebConfigSchema } from '../../src/config/web/schema.ts';
import { sentencesIn } from './chinese.ts';
import { defaultText, type Key, keysOf, type Schema, typeText } from './schema-keys.ts';
import { tableOf } from './table.ts';
import { type Language, type Words, words } from './words.ts';

/** A table of the page: all keys below one section of a config file. */
interface Section {
  readonly title: Readonly<Record<Language, string>>;
  readonly keys: readonly Key[];
}

const intro: Readonly<Record<Language, string>> = {
  en: `# Configuration reference

Every key of the config file and of the web config file, with its type, limits and default. Written by
\`npm run reference\` from the schemas in \`src/config/\`; don't edit it. [configuration.md](../configuration.md) explains
how to choose the values, and how to write durations, bit rates and other types.

\`[]\` stands for each item of a list, and \`NAME\` for a name that you choose. A key without a default is not set unless
you set it.`,
  'zh-CN': `# 配置参考

配置文件和 Web 配置文件的全部配置项：类型、限制和默认值。本页由 \`npm run reference\` 根据 \`src/config/\` 中的模式生成，
请勿手工修改。[configuration.md](../../zh-CN/configuration.md) 说明如何选择取值，以及时长、码率等类型的写法。

\`[]\` 表示列表中的每一项，\`NAME\` 表示由你自定的名称。没有默认值的配置项，不写即为未设置。`,
};

/** Returns the page with every key of the config and of the web config. */
export function configPage(language: Language): string {
  const parts = sections().map(
    ({ title, keys }) => `## ${title[language]}\n\n${tableOfKeys(keys, words[language])}`,
  );
  return `${[intro[language], ...parts].join('\n\n')}\n`;
}

/** Returns all keys of the page. */
export function documentedKeys(): readonly Key[] {
  return sections().flatMap(({ keys }) => keys);
}

function sections(): readonly Section[] {
  // The cast is safe: zod writes a JSON Schema.
  const { accounts, ...others } = (toJsonSchema() as Schema).properties ?? {};
  const accountsKey = { path: 'accounts', schema: accounts ?? {}, isRequired: true };
  return [
    { title: { en: 'Accounts', 'zh-CN': '账号' }, keys: [accountsKey] },
    ...(accounts?.items?.oneOf ?? []).map((account): Section => {
      const provider = String(account.properties?.provider?.const);
      return {
        title: { en: `Accounts of \`${provider}\``, 'zh-CN': `\`${provider}\` 的账号` },
        keys: keysOf(account, 'accounts[]'),
      };
    }),
    ...Object.entries(others).map(([name, schema]): Section => {
      const key = { path: name, schema, isRequired: false };
      return { title: { en: `\`${name}\``, 'zh-CN': `\`${name}\`` }, keys: [key, ...keysOf(schema, name)] };
    }),
    {
      title: { en: 'Web config', 'zh-CN': 'Web 配置' },
      keys: keysOf(z.toJSONSchema(WebConfigSchema, { io: 'input', target: 'draft-7' }) as Schema),
    },
  ];
}

function tableOfKeys(keys: readonly Key[], { types, required, translate, ...names }: Words): string {
  return tableOf(
    [names.key, names.type, names.defaultValue, names.meaning],
    keys.map(({ path, schema, isRequired }) => {
      const { meaning, otherwise } = splitDescription(schema.description ?? missing(path));
      const inSchema = isSection(schema) ? undefined : defaultText(schema);
      const inWords = otherwise === undefined ? '' : names.withoutDefault(translate(otherwise));
      return [
        `\`${path}\``,
        typeText(schema, types),
        isRequired ? required : (inSchema ?? inWords),
        translate(meaning),
      ];
    }),
  );
}

/**
 * Splits a description into what a key means and the sentence with its default. A key has such a sentence if its
 * default is not in the schema, because it depends on other keys, or is not set at all.
 */
export function splitDescription(description: string): {
  readonly meaning: string;
  readonly otherwise: string | undefined;
} {
  const sentences = sentencesIn(description);
  const isDefault = (sentence: string) => sentence.startsWith('Default: ');
  return {
    meaning: sentences.filter((sentence) => !isDefault(sentence)).join(' '),
    otherwise: sentences.find(isDefault),
  };
}

/** Reports whether the keys of a value have defaults of their own. */
function isSection({ type, properties }: Schema): boolean {
  return type === 'object' && properties !== undefined;
}

function missing(path: string): never {
  throw new Error(`${path} has no description in its schema`);
}
