import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { alertColor, begunByName } from '../alerts.ts';
import { annotation, buildWithRows, type Options, startDashboard } from '../frame.ts';
import { type Say, same } from '../text.ts';
import { annotations, happened, words } from '../texts.ts';
import { datasourceVariable, filterVariable, groupVariable, statusPageVariable } from '../variables.ts';
import { events } from './events.ts';
import { now } from './now.ts';
import { fleetQueries } from './queries.ts';
import { streams, trouble } from './streams.ts';
import { fleetTexts as texts } from './texts.ts';

/** Builds the dashboard of all streams: which ones are in trouble, and is it one or many? */
export function fleet(say: Say, options: Options): dashboard.Dashboard {
  const { labels } = options;
  const queries = fleetQueries(labels);
  const builder = startDashboard(say, options, 'fleet', texts.dashboard)
    .variables([
      datasourceVariable(say),
      filterVariable(say, {
        label: 'account',
        name: words.account,
        series: '{__name__=~"livestream_collector_targets|livestream_stream_info"}',
      }),
      filterVariable(say, {
        label: 'domain',
        name: words.domain,
        series:
          '{__name__=~"livestream_stream_info|livestream_control_domain_actions_total", account=~"$account"}',
      }),
      ...labels.map((label) =>
        filterVariable(say, {
          label,
          name: same(label),
          series: 'livestream_stream_info{account=~"$account", domain=~"$domain"}',
          description: texts.labelFilter,
        }),
      ),
      filterVariable(say, {
        label: 'server_ip',
        name: words.server,
        series: 'livestream_push_info{account=~"$account", domain=~"$domain"}',
        description: texts.serverFilter,
      }),
      groupVariable(say, labels),
      statusPageVariable(say, 'livestream_exporter_build_info').hide(dashboard.VariableHide.HideVariable),
    ])
    .annotation(
      annotation(say, {
        name: annotations.begun,
        color: alertColor,
        expr: begunByName('account=~"$account|", domain=~"$domain|"'),
        title: '{{alertname}}',
        text: say(happened.begun),
        tags: ['alertname'],
        panels: [201],
      }),
    );
  return buildWithRows(say, builder, [
    { id: 100, title: texts.rows.now, panels: now(say, queries, options) },
    {
      id: 200,
      title: texts.rows.streams,
      panels: [...trouble(say, queries), ...streams(say, queries, options)],
    },
    { id: 300, title: texts.rows.alerts, panels: events(say, queries, options) },
  ]);
}
