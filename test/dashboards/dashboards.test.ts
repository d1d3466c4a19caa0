import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboards } from '../../dashboards/dashboards.ts';
import { toJsonText } from '../../dashboards/json-text.ts';
import { knownMetrics, metricsIn } from '../support/known-metrics.ts';
import { panelsOf, queriesOf, variablesOf } from './panels.ts';

const directory = join(import.meta.dirname, '..', '..', 'dashboards');
/** Split in two, because this is Grafana's syntax and not a template literal. */
const selectedDatasource = { type: 'prometheus', uid: '${' + 'datasource}' };

test('the directory contains exactly the JSON files that the code generates', () => {
  const files = readdirSync(directory).filter((file) => file.endsWith('.json'));

  expect(files).toEqual(dashboards.map(({ uid }) => `${uid}.json`));
  for (const dashboard of dashboards) {
    // If this fails, run: npm run dashboards
    expect(readFileSync(join(directory, `${dashboard.uid}.json`), 'utf8')).toBe(toJsonText(dashboard));
  }
});

describe.each(dashboards)('the dashboard $uid', (dashboard) => {
  const panels = panelsOf(dashboard);
  const queries = queriesOf(dashboard);
  const variables = variablesOf(dashboard);

  test('uses only metrics of the exporter', () => {
    const known = knownMetrics();
    const expressions = [
      ...queries.map(({ expr }) => expr),
      ...variables.map(({ definition = '' }) => definition),
    ];

    expect(expressions.flatMap(metricsIn).length).toBeGreaterThan(20);
    expect(expressions.flatMap(metricsIn).filter((name) => !known.has(name))).toEqual([]);
  });

  test('is read-only in Grafana', () => {
    expect(dashboard.editable).toBe(false);
  });

  test('queries the selected data source', () => {
    expect(variables[0]).toMatchObject({ type: 'datasource', name: 'datasource', label: 'Data source' });
    for (const { title, datasource, targets } of panels) {
      expect([title, datasource]).toEqual([title, selectedDatasource]);
      expect(targets.map((target) => target.datasource)).toEqual(targets.map(() => selectedDatasource));
    }
    for (const { name, datasource, refresh } of variables.slice(1)) {
      expect([name, datasource, refresh]).toEqual([name, selectedDatasource, 2]);
    }
  });

  test('gives every panel a description, a unit, a text for no value and queries with unique ids', () => {
    for (const { title, description, fieldConfig, targets } of panels) {
      expect([title, description]).toEqual([title, expect.stringMatching(/\.$/)]);
      expect([title, fieldConfig?.defaults.unit]).toEqual([title, expect.stringMatching(/./)]);
      expect([title, fieldConfig?.defaults.noValue]).toEqual([title, expect.stringMatching(/./)]);
      expect([title, targets.length]).toEqual([title, expect.toSatisfy((count: number) => count > 0)]);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  test('shows a legend on every graph', () => {
    const graphs = panels.filter(({ type }) => type === 'timeseries');

    expect(graphs.length).toBeGreaterThan(0);
    for (const { title, options, targets } of graphs) {
      expect([title, options]).toMatchObject([title, { legend: { showLegend: true } }]);
      expect(targets.every(({ legendFormat = '' }) => legendFormat.includes('{{'))).toBe(true);
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

  test('uses rate and increase on counters only, over $__rate_interval or $__range', () => {
    const withoutRate = queries.flatMap(
      ({ expr }) => expr.match(/(?<!\b(?:rate|increase)\()\blivestream_\w+_(?:total|bucket)\b/g) ?? [],
    );
    const rates = queries.flatMap(({ expr }) => [
      ...expr.matchAll(/\b(rate|increase)\((livestream_\w+)\{[^}]*\}\[([^\]]+)\]/g),
    ]);
    const invalid = rates.filter(([, how, metric = '', range = '']) => {
      const ranges = how === 'rate' ? ['$__rate_interval'] : ['$__rate_interval', '$__range'];
      return !/_(total|bucket)$/.test(metric) || !ranges.includes(range);
    });

    expect(withoutRate).toEqual([]);
    expect(rates.length).toBeGreaterThan(5);
    expect(invalid.map(([text]) => text)).toEqual([]);
  });

  test('uses every variable, and filters every query by account', () => {
    const unused = variables
      .slice(1)
      .filter(({ name }) => !queries.some(({ expr }) => expr.includes(`$${name}`)));
    expect(unused).toEqual([]);
    for (const { title, expr } of queries) {
      const selectors = [...expr.matchAll(/livestream_\w+(\{[^}]*\})?/g)].map(
        ([, selector = '']) => selector,
      );
      expect([title, selectors.filter((selector) => !selector.includes('account=~"$account'))]).toEqual([
        title,
        [],
      ]);
    }
  });
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
