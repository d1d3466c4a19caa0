import type { Dashboard, Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

/** A panel that is no row, with queries to Prometheus. */
export interface QueryPanel extends Omit<Panel, 'targets'> {
  readonly targets: readonly Dataquery[];
}

export interface Query {
  /** Of the panel or the annotation. */
  readonly title: string;
  readonly expr: string;
}

export function panelsOf({ panels = [] }: Dashboard): readonly QueryPanel[] {
  // The only kind of query in these dashboards; a test holds the data source to it.
  return panels.filter(({ type }) => type !== 'row') as unknown as readonly QueryPanel[];
}

export function variablesOf({ templating }: Dashboard): readonly VariableModel[] {
  return templating?.list ?? [];
}

/** Of all panels and annotations. */
export function queriesOf(dashboard: Dashboard): readonly Query[] {
  const annotations = (dashboard.annotations?.list ?? []).map(({ name, target }) => ({
    title: name,
    // As above.
    expr: (target as Dataquery | undefined)?.expr ?? '',
  }));
  const panels = panelsOf(dashboard).flatMap(({ title = '', targets }) =>
    targets.map(({ expr }) => ({ title, expr })),
  );
  return [...panels, ...annotations];
}
