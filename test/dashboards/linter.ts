import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { panelsOf, type QueryPanel, variablesOf } from './panels.ts';

/** What a rule of the linter objects to. */
export interface Finding {
  readonly rule: string;
  readonly dashboard: string;
  readonly panel?: string;
  readonly text: string;
}

/** Split in two, because this is Grafana's syntax and not a template literal. */
export const selectedDatasource = { type: 'prometheus', uid: '${' + 'datasource}' };

type Found = Omit<Finding, 'rule' | 'dashboard'>;
type Rule = (dashboard: Dashboard) => readonly Found[];

const linted = ['stat', 'gauge', 'graph', 'table', 'timeseries', 'state-timeline'];

const ofPanels =
  (check: (panel: QueryPanel) => string | undefined): Rule =>
  (dashboard) =>
    panelsOf(dashboard).flatMap((panel) => {
      const text = linted.includes(panel.type) ? check(panel) : undefined;
      return text === undefined ? [] : [{ panel: panel.title ?? '', text }];
    });

const ofTargets = (check: (expr: string) => string | undefined): Rule =>
  ofPanels(({ targets }) => targets.map(({ expr }) => check(expr)).find((text) => text !== undefined));

/** Checks a variable that the linter wants on every dashboard. */
const scrapeVariable =
  (name: 'job' | 'instance'): Rule =>
  (dashboard) => {
    const variable = variablesOf(dashboard).find((each) => each.name === name);
    const { type, multi, allValue, label } = variable ?? {};
    const wanted = name === 'job' ? 'Job' : 'Instance';
    return type === 'query' && multi === true && allValue === '.+' && label === wanted
      ? []
      : [{ text: `no variable ${name}, labelled ${wanted}, multi, with all value .+` }];
  };

/** Selectors of an expression, such as `up{job="x"}`. */
function selectorsIn(expr: string): readonly string[] {
  const withoutGrouping = expr.replaceAll(
    /\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g,
    '',
  );
  return withoutGrouping.match(/[a-zA-Z_:][\w:]*\{[^}]*\}|(?<![\w:"$])\{[^}]*\}/g) ?? [];
}

const everySelectorHas = (matcher: string): Rule =>
  ofTargets((expr) => {
    const missing = selectorsIn(expr).filter((selector) => !selector.includes(matcher));
    return missing.length === 0 && selectorsIn(expr).length > 0
      ? undefined
      : `${missing[0]} without ${matcher}`;
  });

/** The rules of Grafana's dashboard linter, restated. Source: grafana/dashboard-linter, docs/rules. */
export const rules: Readonly<Record<string, Rule>> = {
  'template-datasource-rule': (dashboard) => {
    const [first] = variablesOf(dashboard);
    const ok = first?.type === 'datasource' && first.name === 'datasource' && first.query === 'prometheus';
    return ok && ['Data source', '数据源'].includes(first.label ?? '') ? [] : [{ text: 'no data source' }];
  },
  'template-job-rule': scrapeVariable('job'),
  'template-instance-rule': scrapeVariable('instance'),
  'template-label-promql-rule': (dashboard) =>
    variablesOf(dashboard)
      .filter(({ type }) => type === 'query')
      .filter(({ definition = '' }) => !/^label_values\((?:[\w:]+|[\w:]*\{[^}]*\}), \w+\)$/.test(definition))
      .map(({ definition }) => ({ text: `${definition}` })),
  'template-on-time-change-reload-rule': (dashboard) =>
    variablesOf(dashboard)
      .filter(({ type, refresh }) => type === 'query' && refresh !== 2)
      .map(({ name }) => ({ text: name })),
  'panel-datasource-rule': ofPanels(({ datasource, targets }) =>
    [datasource, ...targets.map((target) => target.datasource)].every(
      (each) => JSON.stringify(each) === JSON.stringify(selectedDatasource),
    )
      ? undefined
      : 'another data source',
  ),
  'panel-title-description-rule': ofPanels(({ title, description }) =>
    title && description && /[.。]$/.test(description)
      ? undefined
      : 'no title, or no sentence as description',
  ),
  'panel-units-rule': ofPanels(({ fieldConfig }) => (fieldConfig?.defaults.unit ? undefined : 'no unit')),
  'panel-no-targets-rule': ofPanels(({ targets }) => (targets.length > 0 ? undefined : 'no query')),
  'target-rate-interval-rule': ofTargets((expr) => {
    const ranges = [...expr.matchAll(/\bi?rate\([^[]*\[([^\]]+)\]/g)].map(([, range]) => range);
    return ranges.every((range) => range === '$__rate_interval') ? undefined : `rate over ${ranges}`;
  }),
  'target-job-rule': everySelectorHas('job=~"$job"'),
  'target-instance-rule': everySelectorHas('instance=~"$instance"'),
  'target-counter-agg-rule': ofTargets((expr) =>
    expr.match(/(?<!\b(?:rate|increase)\()\b\w+_total\b(?!["|])/g)?.at(0),
  ),
  'uneditable-dashboard': ({ editable }) => (editable === false ? [] : [{ text: 'editable' }]),
};

/** Applies all rules. */
export function lint(dashboard: Dashboard): readonly Finding[] {
  return Object.entries(rules).flatMap(([rule, check]) =>
    check(dashboard).map((found) => ({ rule, dashboard: dashboard.title ?? '', ...found })),
  );
}
