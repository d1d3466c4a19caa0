import { controlFamilies, controlTexts } from '../../src/metrics/control/control-families.ts';
import { createExporterMetrics } from '../../src/metrics/exporter/exporter-metrics.ts';
import { pushFamilies, streamTexts } from '../../src/metrics/push/push-families.ts';
import type { Family } from '../../src/metrics/table/family.ts';
import { lineName } from '../../src/metrics/table/text-format.ts';
import { sentencesIn } from './chinese.ts';
import { apis, sourceOf } from './metric-sources.ts';
import { tableOf } from './table.ts';
import { type Language, type Words, words } from './words.ts';

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** Tables of the metrics, in the order of the page. */
export const metricTables = ['current', 'totals', 'actions', 'expected', 'exporter'] as const;
type TableName = (typeof metricTables)[number];

const titles: Readonly<Record<TableName, string>> = {
  current: '流的当前状态',
  totals: '流的累计值',
  actions: '控制操作',
  expected: '流的期望状态',
  exporter: 'Exporter 自身',
};

const chineseIntro = `# 指标参考

\`/metrics\` 暴露的全部指标。本页由 \`npm run reference\` 根据代码生成，请勿手工修改。
[metrics.md](../../metrics.md)（英文）说明其含义和查询方法。

流的每个指标都有标识标签 \`account\`、\`provider\`、\`domain\`、\`app_name\` 和 \`stream\`，下表只列出其他标签。`;

/** Returns the Chinese page with all metrics. The English tables are part of docs/metrics.md. */
export function chineseMetricPage(): string {
  const parts = metricTables.map((name) => `## ${titles[name]}\n\n${metricTable(name, 'zh-CN')}`);
  return `${[chineseIntro, ...parts].join('\n\n')}\n`;
}

/** Returns one table. */
export function metricTable(name: TableName, language: Language): string {
  const text = words[language];
  const hasSource = name !== 'exporter';
  return tableOf(
    [
      text.metric,
      text.metricType,
      text.labels,
      text.meaning,
      text.presence,
      ...(hasSource ? [text.source] : []),
    ],
    metricsOf(name).map((metric) => {
      const { meaning, presence } = splitHelp(metric.help);
      const source = hasSource ? [sourceText(metric.name, text)] : [];
      return [
        `\`${metric.name}\``,
        metric.type,
        metric.labels.map((label) => `\`${label}\``).join(', '),
        text.translate(meaning),
        text.translate(presence),
        ...source,
      ];
    }),
  );
}

/** Returns the metrics of a table, in the order in which they are exposed. */
export function metricsOf(name: TableName): readonly Metric[] {
  switch (name) {
    case 'exporter':
      return createExporterMetrics({ version: '', nodeVersion: '' }).list.map(
        ({ labelNames, ...metric }) => ({
          ...metric,
          labels: labelNames,
        }),
      );
    case 'actions':
      return controlFamilies.map((family) => toMetric(family, controlTexts[family.text]));
    default:
      return pushFamilies
        .map((family) => toMetric(family, streamTexts[family.text]))
        .filter((metric) => tableOfPush(metric) === name);
  }
}

function tableOfPush({ name, type }: Metric): TableName {
  if (sourceOf(name) === undefined) return 'expected';
  return type === 'counter' ? 'totals' : 'current';
}

function toMetric(family: Family<never, string>, carried: readonly string[]): Metric {
  const identity: readonly string[] = streamTexts.stream;
  const own = Object.keys(family.points[0]?.labels ?? {});
  const named = carried.includes('stream') ? carried.filter((label) => !identity.includes(label)) : carried;
  return { name: lineName(family), type: family.type, labels: [...named, ...own], help: family.help };
}

/** Splits a HELP text into what the value means and when there is a series. */
export function splitHelp(help: string): { readonly meaning: string; readonly presence: string } {
  const isPresence = (sentence: string) =>
    /^(The (\w+ )?series (is absent|exists only|keeps)|With expect\.video)|(has this series|there is no series)\.$/.test(
      sentence,
    );
  const sentences = sentencesIn(help);
  return {
    meaning: sentences.filter((sentence) => !isPresence(sentence)).join(' '),
    presence: sentences.filter(isPresence).join(' '),
  };
}

function sourceText(name: string, { config }: Words): string {
  const source = sourceOf(name);
  if (source === undefined) return config;
  const collectors = source.collectors.map((collector) => `\`${collector}\``).join(', ');
  return source.apis.length === apis.length
    ? collectors
    : `${collectors} (${source.apis.map((api) => `\`${api}\``).join(', ')})`;
}
