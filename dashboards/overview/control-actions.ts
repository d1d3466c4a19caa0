import * as common from '@grafana/grafana-foundation-sdk/common';
import { colors, graphPanel, statPanel, tablePanel, thresholds } from '../panels.ts';
import { ofStreams, once, selected } from '../queries.ts';

/** Actions on streams (such as forbid and resume) that the provider recorded. */
export function controlActions() {
  const actions = `livestream_control_domain_actions_total{${selected.domain}}[$__rate_interval]`;
  return {
    id: 500,
    title: 'Control actions',
    panels: [
      statPanel({
        id: 501,
        title: 'Forbidden streams',
        description:
          'Number of streams that were forbidden and not resumed, so that nobody can push them. If this is unintended, resume the streams at the provider.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: `sum(${ofStreams('livestream_control_forbidden')})`,
      }).height(8),
      graphPanel({
        id: 502,
        title: 'Actions by domain',
        description:
          'Number of control actions (such as forbid and resume) by domain and action. Each action is shown at the time at which the exporter counted it.',
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
        description:
          'Time of the newest control action of each kind on each stream, as recorded by the provider.',
        unit: 'dateTimeAsIso',
        labels: { stream: 'Stream', domain: 'Domain', app_name: 'App name', action: 'Action' },
        hidden: ['account', 'provider'],
        columns: [
          [
            'Last action',
            `1000 * max by (account, provider, domain, app_name, stream, action) (livestream_control_last_action_timestamp_seconds{${selected.stream}})`,
          ],
        ],
      })
        .span(12)
        .height(8)
        .sortBy([new common.TableSortByFieldStateBuilder().displayName('Last action').desc(true)])
        .thresholds(thresholds(colors.none, [])),
    ],
  };
}
