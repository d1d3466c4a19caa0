import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { datasource } from './panels.ts';
import type { Language, PanelText, Say, Text } from './text.ts';
import { links } from './texts.ts';

/** What a dashboard is generated for. */
export interface Options {
  readonly language: Language;
  /** Labels that the config gives to streams: filters and columns of the fleet. */
  readonly labels: readonly string[];
  /** URL below which the runbooks are served; without it, no alert links to its runbook. */
  readonly runbookBase?: string | undefined;
}

/** Names of the dashboards. */
export type Name = 'fleet' | 'stream' | 'exporter';

/** Returns the uid of a dashboard. Both languages can be provisioned at the same time. */
export function uidOf(name: Name, language: Language): string {
  return language === 'en' ? `livestream-${name}` : `livestream-${name}-zh-cn`;
}

/** Starts a dashboard with what all have in common. */
export function startDashboard(
  say: Say,
  { language }: Options,
  name: Name,
  { title, description }: PanelText,
): dashboard.DashboardBuilder {
  const tag = language === 'en' ? 'livestream' : 'livestream-zh-cn';
  const builder = new dashboard.DashboardBuilder(say(title))
    .uid(uidOf(name, language))
    .description(say(description))
    .tags([tag])
    .readonly()
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(
      new dashboard.DashboardLinkBuilder(say(links.dashboards))
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags([tag])
        .includeVars(true)
        .keepTime(true),
    );
  // The dashboard of the exporter has a table with the status page of each.
  if (name === 'exporter') return builder;
  return builder.link(
    new dashboard.DashboardLinkBuilder(say(links.statusPage))
      .type(dashboard.DashboardLinkType.Link)
      .icon('external link')
      .url(`http://\${instance}/${name === 'stream' ? '?stream=${stream:percentencode}' : ''}`)
      .targetBlank(true),
  );
}

/** A row of a dashboard. */
export interface Row {
  readonly id: number;
  readonly title: Text;
  readonly panels: readonly Builder<dashboard.Panel>[];
}

/** Adds rows of panels, and returns the finished dashboard. */
export function buildWithRows(
  say: Say,
  builder: dashboard.DashboardBuilder,
  rows: readonly Row[],
): dashboard.Dashboard {
  for (const { id, title, panels } of rows) {
    builder.withRow(new dashboard.RowBuilder(say(title)).id(id));
    for (const panel of panels) builder.withPanel(panel);
  }
  return builder.build();
}

/** Returns an annotation of the times at which the query has a series with a value above 0. */
export function annotation(
  say: Say,
  spec: {
    readonly name: Text;
    readonly expr: string;
    readonly color: string;
    readonly title: string;
    /** What the title says happened, or to whom. */
    readonly text: string;
    /** Labels that are shown as tags. */
    readonly tags: readonly string[];
    /** The value is the time in ms. */
    readonly isTime?: boolean;
    /** Panels on which it is shown. */
    readonly panels: readonly number[];
  },
): dashboard.AnnotationQueryBuilder {
  const query = new prometheus.DataqueryBuilder().refId('A').datasource(datasource).expr(spec.expr);
  const built = new dashboard.AnnotationQueryBuilder()
    .name(say(spec.name))
    .datasource(datasource)
    .enable(true)
    .iconColor(spec.color)
    .target(query)
    .titleFormat(spec.title)
    .textFormat(spec.text)
    .tagKeys(spec.tags.join(','))
    .filter(new dashboard.AnnotationPanelFilterBuilder().exclude(false).ids([...spec.panels]));
  return spec.isTime === true ? built.useValueForTime(true) : built;
}
