import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { alertColor, begunByName } from '../alerts.ts';
import { annotation, buildWithRows, type Options, startDashboard } from '../frame.ts';
import type { Say } from '../text.ts';
import { annotations, happened, words } from '../texts.ts';
import { datasourceVariable, filterVariable, scrapeVariable } from '../variables.ts';
import { data } from './data.ts';
import { now } from './now.ts';
import { process } from './process.ts';
import { requests } from './requests.ts';
import { exporterTexts as texts } from './texts.ts';

/** Builds the dashboard of the exporter: can the other dashboards be believed? */
export function exporter(say: Say, options: Options): dashboard.Dashboard {
  const info = 'livestream_exporter_build_info';
  const builder = startDashboard(say, options, 'exporter', texts.dashboard)
    .variables([
      datasourceVariable(say),
      scrapeVariable(say, 'job', info),
      scrapeVariable(say, 'instance', `${info}{job=~"$job"}`),
      filterVariable(say, {
        label: 'account',
        name: words.account,
        series: 'livestream_collector_targets{job=~"$job", instance=~"$instance"}',
      }),
    ])
    .annotation(
      annotation(say, {
        name: annotations.begun,
        color: alertColor,
        expr: begunByName('account=~"$account|", stream=""'),
        title: '{{alertname}}',
        text: say(happened.begun),
        tags: ['alertname'],
        panels: [201, 202, 203, 204, 302, 303, 304, 305],
      }),
    );
  return buildWithRows(say, builder, [
    { id: 100, title: texts.rows.now, panels: now(say) },
    { id: 200, title: texts.rows.requests, panels: requests(say) },
    { id: 300, title: texts.rows.data, panels: data(say) },
    { id: 400, title: texts.rows.process, panels: process(say, options) },
  ]);
}
