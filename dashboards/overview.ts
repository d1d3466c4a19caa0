import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { whoActed } from './overview/control-actions.ts';
import { howBad } from './overview/degradation.ts';
import { canWeSee } from './overview/exporter-health.ts';
import { whatIsHappening } from './overview/fleet.ts';
import { whichStream } from './overview/streams.ts';
import { colors, datasource } from './panels.ts';
import { variables } from './variables.ts';

/**
 * From top to bottom: can we see, what is happening, which stream, how bad, who did something. Ids of a row and its panels
 * begin with the same digit, so that a new panel renames none.
 */
export function overview(): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder('Live streams: overview')
    .uid('livestream-overview')
    .description('Which live streams are in trouble, and whether the exporter can see them at all.')
    .tags(['livestream'])
    .readonly()
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .variables(variables())
    .annotation(firingAlerts());
  for (const { id, title, panels } of [canWeSee(), whatIsHappening(), whichStream(), howBad(), whoActed()]) {
    builder.withRow(new dashboard.RowBuilder(title).id(id));
    for (const panel of panels) builder.withPanel(panel);
  }
  return builder.build();
}

/** Over every graph; alerts of the exporter itself carry no stream. */
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
