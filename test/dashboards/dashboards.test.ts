import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboards } from '../../dashboards/dashboards.ts';
import { toJsonText } from '../../dashboards/json-text.ts';
import { knownMetrics, metricsIn } from '../support/known-metrics.ts';
import { panelsOf, queriesOf, variablesOf } from './panels.ts';

const folder = join(import.meta.dirname, '..', '..', 'dashboards');
/** In two parts, since it is Grafana's word and no template. */
const chosen = { type: 'prometheus', uid: '${' + 'datasource}' };

test('the JSON files are what the code makes, and nothing else', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

  expect(files).toEqual(dashboards.map(({ uid }) => `${uid}.json`));
  for (const dashboard of dashboards) {
    // Otherwise: npm run dashboards
    expect(readFileSync(join(folder, `${dashboard.uid}.json`), 'utf8')).toBe(toJsonText(dashboard));
  }
});

describe.each(dashboards)('the dashboard $uid', (dashboard) => {
  const panels = panelsOf(dashboard);
  const queries = queriesOf(dashboard);
  const variables = variablesOf(dashboard);

  test('names only metrics that the exporter has', () => {
    const known = knownMetrics();
    const asked = [...queries.map(({ expr }) => expr), ...variables.map(({ definition = '' }) => definition)];

    expect(asked.flatMap(metricsIn).length).toBeGreaterThan(20);
    expect(asked.flatMap(metricsIn).filter((name) => !known.has(name))).toEqual([]);
  });

  test('can be changed in the code only', () => {
    expect(dashboard.editable).toBe(false);
  });

  test('asks the data source that is chosen', () => {
    expect(variables[0]).toMatchObject({ type: 'datasource', name: 'datasource', label: 'Data source' });
    for (const { title, datasource, targets } of panels) {
      expect([title, datasource]).toEqual([title, chosen]);
      expect(targets.map((target) => target.datasource)).toEqual(targets.map(() => chosen));
    }
    for (const { name, datasource, refresh } of variables.slice(1)) {
      expect([name, datasource, refresh]).toEqual([name, chosen, 2]);
    }
  });

  test('says of every panel what it shows, in which unit, from which queries', () => {
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

  test('has an id of its own for every panel, and no panel over another', () => {
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

  test('asks for the growth of counters only, over the interval that fits the scrapes or the time shown', () => {
    const bare = queries.flatMap(
      ({ expr }) => expr.match(/(?<!\b(?:rate|increase)\()\blivestream_\w+_(?:total|bucket)\b/g) ?? [],
    );
    const grown = queries.flatMap(({ expr }) => [
      ...expr.matchAll(/\b(rate|increase)\((livestream_\w+)\{[^}]*\}\[([^\]]+)\]/g),
    ]);
    const odd = grown.filter(([, how, metric = '', range = '']) => {
      const ranges = how === 'rate' ? ['$__rate_interval'] : ['$__rate_interval', '$__range'];
      return !/_(total|bucket)$/.test(metric) || !ranges.includes(range);
    });

    expect(bare).toEqual([]);
    expect(grown.length).toBeGreaterThan(5);
    expect(odd.map(([text]) => text)).toEqual([]);
  });

  test('uses each of its variables, in every query of the exporter', () => {
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

test('Grafana is told how often Prometheus scrapes', () => {
  const file = (path: string): unknown => parse(readFileSync(join(folder, path), 'utf8'));
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
