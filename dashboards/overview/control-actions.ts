import * as common from '@grafana/grafana-foundation-sdk/common';
import { colors, graphPanel, statPanel, tablePanel, thresholds } from '../panels.ts';
import { ofStreams, once, selected } from '../queries.ts';

/** What somebody did to streams, by the record of their provider. */
export function whoActed() {
  const actions = `livestream_control_domain_actions_total{${selected.domain}}[$__rate_interval]`;
  return {
    id: 500,
    title: 'Who did something?',
    panels: [
      statPanel({
        id: 501,
        title: 'Forbidden',
        description: 'Streams that the provider refuses, since somebody forbade them.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: `sum(${ofStreams('livestream_control_forbidden')})`,
      }).height(8),
      graphPanel({
        id: 502,
        title: 'Control actions',
        description:
          'Actions that the provider recorded, by domain, at the time at which the exporter learned of them.',
        unit: 'none',
        queries: [['{{action}} at {{domain}}', `sum by (domain, action) (${once(`increase(${actions})`)})`]],
      })
        .span(8)
        .height(8)
        .drawStyle(common.GraphDrawStyle.Bars)
        .fillOpacity(60),
      tablePanel({
        id: 503,
        title: 'Last control actions',
        description: 'The time that the provider gave the last action of each kind, on each stream.',
        unit: 'dateTimeAsIso',
        labels: { stream: 'Stream', domain: 'Domain', app_name: 'App name', action: 'Action' },
        hidden: ['account', 'provider'],
        columns: [
          [
            'Last',
            `1000 * max by (account, provider, domain, app_name, stream, action) (livestream_control_last_action_timestamp_seconds{${selected.stream}})`,
          ],
        ],
      })
        .span(12)
        .height(8)
        .sortBy([new common.TableSortByFieldStateBuilder().displayName('Last').desc(true)])
        .thresholds(thresholds(colors.none, [])),
    ],
  };
}
