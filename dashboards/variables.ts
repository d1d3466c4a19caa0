import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './panels.ts';
import { type Say, type Text, text } from './text.ts';
import { words } from './texts.ts';

const texts = {
  datasource: text('Data source', '数据源'),
  by: text('Group by', '分组'),
  job: text('Job', 'Job'),
  instance: text('Instance', 'Instance'),
};

export function datasourceVariable(say: Say): dashboard.DatasourceVariableBuilder {
  return new dashboard.DatasourceVariableBuilder('datasource')
    .label(say(texts.datasource))
    .type('prometheus');
}

/** Offers the values of a label. */
interface LabelVariable {
  readonly label: string;
  readonly name: Text;
  readonly series: string;
  readonly description?: Text;
}

/** Returns a filter. It accepts several values; without a selection, it filters nothing. */
export function filterVariable(say: Say, spec: LabelVariable): dashboard.QueryVariableBuilder {
  return (
    valuesVariable(say, spec)
      .multi(true)
      .includeAll(true)
      // Not .+: the label of an unknown domain is empty.
      .allValue('.*')
      .current({ selected: true, text: 'All', value: '$__all' })
  );
}

/** Returns a filter of one value. A link to a stream without domain gives it an empty one. */
export function narrowVariable(say: Say, spec: LabelVariable): dashboard.QueryVariableBuilder {
  return filterVariable(say, spec).multi(false);
}

/** Returns a choice of exactly one value. */
export function choiceVariable(say: Say, spec: LabelVariable): dashboard.QueryVariableBuilder {
  return valuesVariable(say, spec).multi(false).includeAll(false);
}

function valuesVariable(
  say: Say,
  { label, name, series, description }: LabelVariable,
): dashboard.QueryVariableBuilder {
  const variable = new dashboard.QueryVariableBuilder(label)
    .label(say(name))
    .datasource(datasource)
    .query({ qryType: 1, query: `label_values(${series}, ${label})`, refId: label })
    .definition(`label_values(${series}, ${label})`)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc);
  return description === undefined ? variable : variable.description(say(description));
}

/** Returns a variable for jobs or instances, as the linter of dashboards wants it. */
export function scrapeVariable(
  say: Say,
  label: 'job' | 'instance',
  series: string,
): dashboard.QueryVariableBuilder {
  return filterVariable(say, { label, name: texts[label], series }).allValue('.+');
}

/**
 * Returns the choice of the label by which streams are counted. Its text is the name of the label; its value is a regular
 * expression for the name of the metric that has it, if not all series of a stream have it. It ends with the label, so
 * that each choice has its own value; no metric has the name of a label.
 */
export function groupVariable(say: Say, labels: readonly string[]): dashboard.CustomVariableBuilder {
  const ofEach = ['account', 'domain', 'app_name'].map((name) => [name, name] as const);
  const ofConfig = labels.map((name) => [name, `livestream_stream_info|${name}`] as const);
  const all = [...ofEach, ['server_ip', 'livestream_push_info|server_ip'] as const, ...ofConfig];
  return new dashboard.CustomVariableBuilder('by')
    .label(say(texts.by))
    .values(all.map(([name, value]) => `${name} : ${value}`).join(','))
    .current({ selected: true, text: 'domain', value: 'domain' })
    .options(all.map(([text, value]) => ({ selected: text === 'domain', text, value })));
}

/** Returns the exporter to whose status page a dashboard links. */
export function statusPageVariable(say: Say, series: string): dashboard.QueryVariableBuilder {
  return choiceVariable(say, { label: 'instance', name: words.instance, series });
}
