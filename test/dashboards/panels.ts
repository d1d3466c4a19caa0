import type { Dashboard, Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

/** A panel with Prometheus queries; not a row. */
export interface QueryPanel extends Omit<Panel, 'targets'> {
  readonly targets: readonly Dataquery[];
}

export interface Query {
  /** Title of the panel or name of the annotation. */
  readonly title: string;
  readonly expr: string;
}

export function panelsOf({ panels = [] }: Dashboard): readonly QueryPanel[] {
  // Cast: these dashboards contain only Prometheus queries, which a test of the data source checks.
  return panels.filter(({ type }) => type !== 'row') as unknown as readonly QueryPanel[];
}

export function variablesOf({ templating }: Dashboard): readonly VariableModel[] {
  return templating?.list ?? [];
}

/** Returns the queries of the annotations. */
export function annotationsOf({ annotations }: Dashboard): readonly Query[] {
  return (annotations?.list ?? []).map(({ name, target }) => ({
    title: name,
    // Cast: as in panelsOf.
    expr: (target as Dataquery | undefined)?.expr ?? '',
  }));
}

/** Returns the queries of all panels and annotations. */
export function queriesOf(dashboard: Dashboard): readonly Query[] {
  const panels = panelsOf(dashboard).flatMap(({ title = '', targets }) =>
    targets.map(({ expr }) => ({ title, expr })),
  );
  return [...panels, ...annotationsOf(dashboard)];
}

/** Returns the value of a property that an override sets, for each override that sets it. */
export function overridesOf({ fieldConfig }: Pick<Panel, 'fieldConfig'>, id: string) {
  return (fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) =>
    properties
      .filter((property) => property.id === id)
      .map(({ value }) => ({ matcher, value: value as unknown })),
  );
}

/** Returns the links of a panel's cells. */
export function cellLinksOf(panel: Pick<Panel, 'fieldConfig'>): readonly { title: string; url: string }[] {
  return overridesOf(panel, 'links').flatMap(({ value }) => value as { title: string; url: string }[]);
}
