import { dashboardFiles } from '../../dashboards/dashboards.ts';
import type { Prometheus, QueriedSeries } from '../support/prometheus.ts';
import { sentQueries, type View } from './as-grafana.ts';
import { view } from './twelve-streams.ts';

/** Returns the queries of a panel. */
export function queriesOf(file: string, title: string, seen: View): readonly string[] {
  const found = dashboardFiles().find((each) => each.file === file);
  if (found === undefined) throw new Error(`no dashboard ${file}`);
  return sentQueries(found.dashboard, seen)
    .filter((each) => each.title === title)
    .map(({ query }) => query);
}

/** Returns the value of a query at the end of the history; undefined if it has no series. */
export async function value(prometheus: Prometheus, query: string): Promise<number | undefined> {
  return (await prometheus.query(query, view.endSeconds))[0]?.value;
}

/** Returns the series of all queries of a panel of the fleet. */
export async function series(
  prometheus: Prometheus,
  title: string,
  selected: Readonly<Record<string, string>>,
): Promise<readonly QueriedSeries[]> {
  const queries = queriesOf('livestream-fleet.json', title, { ...view, selected });
  const answers = await Promise.all(queries.map((query) => prometheus.query(query, view.endSeconds)));
  return answers.flat();
}

/** Returns the values of the numbers of the fleet. */
export async function numbers(prometheus: Prometheus): Promise<Record<string, readonly number[]>> {
  const titles = ['Forbidden', 'Firing alerts', 'Bad time share', 'Exporters'];
  const queries = [
    ...queriesOf('livestream-fleet.json', 'Streams by state', view).map((query, i) => [
      ['missing', 'degraded', 'interrupted', 'unknown', 'up'][i] ?? '',
      query,
    ]),
    ...titles.map((title) => [title, queriesOf('livestream-fleet.json', title, view)[0] ?? '']),
  ];
  const pairs = queries.map(
    async ([name = '', query = '']) =>
      [name, (await prometheus.query(query, view.endSeconds)).map((each) => each.value)] as const,
  );
  return Object.fromEntries(await Promise.all(pairs));
}
