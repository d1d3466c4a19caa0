import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboardFiles } from '../../dashboards/dashboards.ts';
import { toJsonText } from '../../dashboards/json-text.ts';
import { stateNow } from '../../dashboards/queries.ts';
import { failureKinds } from '../../src/model/answer.ts';
import { knownMetrics, metricsIn } from '../support/known-metrics.ts';
import { selectedDatasource } from './linter.ts';
import { annotationsOf, cellLinksOf, overridesOf, panelsOf, queriesOf, variablesOf } from './panels.ts';

const directory = join(import.meta.dirname, '..', '..', 'dashboards');
const files = dashboardFiles();
const ruleFile = parse(readFileSync(join(directory, '../config/rules/livestream.rules.yml'), 'utf8')) as {
  readonly groups: readonly {
    readonly rules: readonly { readonly record?: string; readonly alert?: string; readonly expr?: string }[];
  }[];
};
const recordings = ruleFile.groups.flatMap(({ rules }) => rules.map(({ record }) => record));
const uids = files.map(({ dashboard }) => dashboard.uid ?? '');

test('the directory contains exactly the JSON files that the code generates', () => {
  const found = readdirSync(directory).filter((file) => file.endsWith('.json'));

  expect(found.toSorted()).toEqual(files.map(({ file }) => file).toSorted());
  for (const { file, dashboard } of files) {
    // If this fails, run: npm run dashboards
    expect(readFileSync(join(directory, file), 'utf8')).toBe(toJsonText(dashboard));
  }
});

test('uids are different, and fit into 40 characters', () => {
  expect(new Set(uids).size).toBe(6);
  for (const uid of uids) expect(uid).toMatch(/^[a-z-]{1,40}$/);
});

test('both languages have the same panels, queries and variables', () => {
  // Texts in a query: the reason of the end of a push.
  const shape = (language: string) =>
    files
      .filter((file) => file.language === language)
      .map(({ dashboard }) => [
        panelsOf(dashboard).map(({ id, type, gridPos }) => [id, type, gridPos]),
        queriesOf(dashboard).map(({ expr }) => expr.replace(/"[^"]*: \$1"/, '')),
        variablesOf(dashboard).map(({ name, definition }) => [name, definition]),
      ]);

  expect(shape('zh')).toEqual(shape('en'));
});

test('Chinese dashboards have Chinese titles, descriptions and labels', () => {
  const isWord = (text: string) => /^(exporter|CPU|Job|Instance|channel)$/.test(text);
  const inEnglish = files
    .filter(({ language }) => language === 'zh')
    .flatMap(({ dashboard }) => [
      ...(dashboard.panels ?? []).map(({ title = '' }) => title),
      ...panelsOf(dashboard).map(({ description = '' }) => description),
      ...variablesOf(dashboard).map(({ label = '' }) => label),
    ])
    .filter((text) => !/\p{Script=Han}/u.test(text) && !isWord(text));

  expect(inEnglish).toEqual([]);
});

test('every family of the exporter is on a dashboard, except the named ones', () => {
  const used = new Set(
    files.flatMap(({ dashboard }) => queriesOf(dashboard)).flatMap(({ expr }) => metricsIn(expr)),
  );
  const unused = [...knownMetrics()].filter((name) => name.startsWith('livestream_') && !used.has(name));

  expect(unused.toSorted()).toEqual([
    // The parts of histograms that no quantile needs.
    'livestream_api_request_duration_seconds_sum',
    'livestream_control_actions_total', // per stream: the bars show the totals of the domains
    'livestream_control_watermark_timestamp_seconds', // the table of collectors shows late polls
    'livestream_sample_delay_seconds_sum',
  ]);
});

describe.each(files)('the dashboard $file', ({ dashboard, language }) => {
  const panels = panelsOf(dashboard);
  const queries = queriesOf(dashboard);
  const variables = variablesOf(dashboard);

  test('uses only metrics of the exporter and recording rules of the shipped file', () => {
    const known = knownMetrics();
    const expressions = [
      ...queries.map(({ expr }) => expr),
      ...variables.map(({ definition = '' }) => definition),
    ];
    const recorded = expressions.flatMap((expr) => expr.match(/\b(?:stream|domain):\w+:\w+/g) ?? []);

    expect(expressions.flatMap(metricsIn).length).toBeGreaterThan(20);
    expect(expressions.flatMap(metricsIn).filter((name) => !known.has(name))).toEqual([]);
    expect(recorded.filter((name) => !recordings.includes(name))).toEqual([]);
  });

  test('queries the selected data source', () => {
    for (const { name, datasource, type } of variables.filter((each) => each.type === 'query'))
      expect([name, type, datasource]).toEqual([name, 'query', selectedDatasource]);
    for (const { datasource } of dashboard.annotations?.list ?? [])
      expect(datasource).toEqual(selectedDatasource);
  });

  test('says in the description of a panel that it needs rules', () => {
    const word = language === 'zh' ? '规则' : 'rules';
    const needing = panels.filter(({ targets }) =>
      targets.some(({ expr }) => /\b(?:stream|domain):|ALERTS/.test(expr)),
    );

    expect(needing.length).toBeGreaterThan(0);
    for (const { title, description } of needing)
      expect([title, description]).toEqual([title, expect.stringContaining(word)]);
  });

  test('gives every panel a text for no value, a legend to graphs, and queries with unique ids', () => {
    for (const { title, type, fieldConfig, targets, options } of panels) {
      expect([title, fieldConfig?.defaults.noValue]).toEqual([title, expect.stringMatching(/./)]);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      if (type !== 'timeseries' && type !== 'state-timeline') continue;
      expect([title, options]).toMatchObject([title, { legend: { showLegend: true } }]);
      expect(targets.every(({ legendFormat = '' }) => legendFormat !== '')).toBe(true);
    }
  });

  test('gives every panel a unique id and a place that overlaps no other panel', () => {
    const all = dashboard.panels ?? [];
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(undefined);

    const cells = all.flatMap(({ gridPos }) => {
      const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  test('uses every variable, in queries or links', () => {
    const texts = [
      ...queries.map(({ expr }) => expr),
      ...variables.map(({ definition = '' }) => definition),
      ...(dashboard.links ?? []).map(({ url = '' }) => url),
      ...panels.flatMap(cellLinksOf).map(({ url }) => url),
    ];
    const isUsed = (name: string) =>
      texts.some((text) => text.includes(`$${name}`) || text.includes(`\${${name}}`)) ||
      name === 'datasource';

    expect(variables.map(({ name }) => name).filter((name) => !isUsed(name))).toEqual([]);
  });

  test('links only to dashboards of its language, with their variables and its own columns', () => {
    for (const panel of panels) {
      for (const { url } of cellLinksOf(panel)) {
        const [, uid = '', query = ''] = /^\/d\/([\w-]+)\?(.*)$/.exec(url) ?? [];
        if (!url.startsWith('/d/')) {
          expect(url).toMatch(/^(http:\/\/\$\{__data\.fields\.instance\}\/|\/alerting\/list\?search=)/);
          continue;
        }
        const linked = files.find((file) => file.dashboard.uid === uid);
        expect(linked?.language).toBe(language);
        const names = variablesOf(linked?.dashboard ?? dashboard).map(({ name }) => name);
        const set = [...query.matchAll(/var-(\w+)=/g)].map(([, name]) => name ?? '');
        expect(set.filter((name) => !names.includes(name))).toEqual([]);
        // A hidden column has no value in a link.
        const organize = panel.transformations?.find(({ id }) => id === 'organize')?.options;
        const shown = Object.keys((organize as { indexByName: object }).indexByName);
        const fields = [...query.matchAll(/__data\.fields\.(\w+)/g)].map(([, name]) => name ?? '');
        expect(fields.filter((name) => !shown.includes(name))).toEqual([]);
      }
    }
    const tags = dashboard.tags ?? [];
    expect(dashboard.links?.find(({ type }) => type === 'dashboards')?.tags).toEqual(tags);
  });

  test('shows annotations only on panels that exist', () => {
    const ids = panels.map(({ id }) => id);
    expect(annotationsOf(dashboard).length).toBeGreaterThan(0);
    for (const { filter } of dashboard.annotations?.list ?? []) {
      expect(filter?.ids.length).toBeGreaterThan(0);
      expect(filter?.ids.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });
});

test('labels of a config become filters and columns, and a base URL makes links to runbooks', () => {
  const own = dashboardFiles({ labels: ['team', 'city'], runbookBase: 'https://wiki.example.com/books/' });
  const linksOf = (file: string) =>
    own
      .filter((each) => each.file === file)
      .flatMap(({ dashboard }) => panelsOf(dashboard))
      .flatMap(cellLinksOf)
      .map(({ url }) => url);
  const fleet = own.find(({ file }) => file === 'livestream-fleet.json');
  const names = fleet === undefined ? [] : variablesOf(fleet.dashboard).map(({ name }) => name);

  expect(names).toEqual(['datasource', 'account', 'domain', 'team', 'city', 'server_ip', 'by', 'instance']);
  expect(toJsonText(fleet?.dashboard)).not.toContain('channel');
  const alert = `$${'{__data.fields.alertname:percentencode}'}.md`;
  expect(linksOf('livestream-fleet.json')).toContain(`https://wiki.example.com/books/${alert}`);
  expect(linksOf('livestream-fleet.zh-CN.json')).toContain(`https://wiki.example.com/books/zh-CN/${alert}`);
});

test.each([
  ['livestream-fleet.json', 'requests fail: '],
  ['livestream-fleet.zh-CN.json', '请求失败：'],
])(
  'what is wrong with a stream has a text for each alert, and for each kind of failing requests: %s',
  (name, text) => {
    const table = files
      .filter(({ file }) => file === name)
      .flatMap(({ dashboard }) => panelsOf(dashboard))
      .find(({ id }) => id === 202);
    const mappings = overridesOf(table ?? {}, 'mappings').flatMap(({ value }) => value as ValueMap[]);
    const texts = Object.assign({}, ...mappings.map(({ options }) => options)) as ValueMap['options'];
    const alerts = ruleFile.groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
    const names = Object.keys(texts).filter((each) => each.startsWith('Livestream'));

    expect(names.length).toBeGreaterThan(12);
    expect(names.filter((each) => !alerts.includes(each.split(' ')[0] ?? ''))).toEqual([]);
    for (const kind of failureKinds) {
      expect(texts[`LivestreamCollectorFailing ${kind}`]?.text).toBe(`${text}${kind}`);
      expect(texts[`LivestreamCollectorTargetsFailing ${kind}`]?.text).toBe(`${text}${kind}`);
    }
  },
);

test('the recording rule of the state and the dashboards agree on what a state is', () => {
  const rule = ruleFile.groups
    .flatMap(({ rules }) => rules)
    .find(({ record }) => record === 'stream:livestream_push_state:max');

  const select = (metric: string, more?: string) => (more === undefined ? metric : `${metric}{${more}}`);
  expect(rule?.expr?.replaceAll(/\s+/g, ' ').trim()).toBe(stateNow(select));
});

test('the provisioned data source has the scrape interval of the shipped Prometheus config', () => {
  const file = (path: string): unknown => parse(readFileSync(join(directory, path), 'utf8'));
  const prometheus = file('../config/prometheus.yml') as { scrape_configs: [{ scrape_interval: string }] };

  expect(file('provisioning/datasources/prometheus.yml')).toMatchObject({
    apiVersion: 1,
    datasources: [
      { type: 'prometheus', jsonData: { timeInterval: prometheus.scrape_configs[0].scrape_interval } },
    ],
  });
  expect(file('provisioning/dashboards/livestream.yml')).toMatchObject({
    apiVersion: 1,
    providers: [{ type: 'file', allowUiUpdates: false, options: { path: expect.stringMatching(/^\//) } }],
  });
});
