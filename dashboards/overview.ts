import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { controlActions } from './overview/control-actions.ts';
import { degradation } from './overview/degradation.ts';
import { exporterHealth } from './overview/exporter-health.ts';
import { fleet } from './overview/fleet.ts';
import { streams } from './overview/streams.ts';
import { colors, datasource } from './panels.ts';
import { variables } from './variables.ts';

/**
 * Builds the overview dashboard. The rows go from the general to the particular: exporter health, fleet, streams,
 * degradation, control actions. The ids of a row and its panels start with the same digit, so that a new panel does not
 * change the id of another.
 */
export function overview(): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder('Live streams: overview')
    .uid('livestream-overview')
    .description(
      'Health of the exporter, state of all live streams, degraded and missing streams, and control actions.',
    )
    .tags(['livestream'])
    .readonly()
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .variables(variables())
    .annotation(firingAlerts());
  for (const { id, title, panels } of [
    exporterHealth(),
    fleet(),
    streams(),
    degradation(),
    controlActions(),
  ]) {
    builder.withRow(new dashboard.RowBuilder(title).id(id));
    for (const panel of panels) builder.withPanel(panel);
  }
  return builder.build();
}

/** Firing alerts on every graph. Alerts about the exporter have no stream label, so the pattern accepts an empty one. */
function firingAlerts(): dashboard.AnnotationQueryBuilder {
  return new dashboard.AnnotationQueryBuilder()
    .name('Firing alerts')
    .datasource(datasource)
    .enable(true)
    .iconColor(colors.warning)
    .target(
      new prometheus.DataqueryBuilder()
        .refId('A')
        .datasource(datasource)
        .expr(
          `ALERTS{alertname=~"Livestream.+", alertstate="firing", account=~"$account|", stream=~"$stream|"}`,
        ),
    )
    .titleFormat('{{alertname}}')
    .textFormat('{{stream}}');
}
