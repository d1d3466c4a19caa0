import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { alertColor, firingByName } from '../alerts.ts';
import { colors } from '../colors.ts';
import { annotation, buildWithRows, type Options, startDashboard } from '../frame.ts';
import type { Say } from '../text.ts';
import { annotations, happened, words } from '../texts.ts';
import { choiceVariable, datasourceVariable, narrowVariable, statusPageVariable } from '../variables.ts';
import { data } from './data.ts';
import { now } from './now.ts';
import { push } from './push.ts';
import { annotated, quality } from './quality.ts';
import { matchers, select } from './queries.ts';
import { streamTexts as texts } from './texts.ts';

/** Builds the dashboard of one stream: what is wrong with it, since when, and who did what? */
export function stream(say: Say, options: Options): dashboard.Dashboard {
  const known = (more: string) =>
    `{__name__=~"livestream_stream_info|livestream_control_actions_total"${more}}`;
  const builder = startDashboard(say, options, 'stream', texts.dashboard)
    .variables([
      datasourceVariable(say),
      narrowVariable(say, { label: 'account', name: words.account, series: known('') }),
      narrowVariable(say, {
        label: 'domain',
        name: words.domain,
        series: known(', account=~"$account"'),
      }),
      narrowVariable(say, {
        label: 'app_name',
        name: words.appName,
        series: known(', account=~"$account", domain=~"$domain"'),
      }),
      choiceVariable(say, {
        label: 'stream',
        name: words.stream,
        series: known(', account=~"$account", domain=~"$domain", app_name=~"$app_name"'),
      }),
      statusPageVariable(say, known(`, ${matchers}`)).hide(dashboard.VariableHide.HideVariable),
    ])
    .annotation(
      annotation(say, {
        name: annotations.actions,
        color: colors.critical,
        // Actions before the time range would stand at its begin.
        expr: `max by (action) (1000 * ${select('livestream_control_last_action_timestamp_seconds')}) > $__from`,
        title: '{{action}}',
        text: say(annotations.actions),
        tags: ['action'],
        isTime: true,
        panels: annotated,
      }),
    )
    .annotation(
      annotation(say, {
        name: annotations.starts,
        color: colors.ok,
        expr: `max by (stream) (1000 * ${select('livestream_push_start_timestamp_seconds')}) > $__from`,
        title: say(annotations.starts),
        text: '{{stream}}',
        tags: ['stream'],
        isTime: true,
        panels: annotated,
      }),
    )
    .annotation(
      annotation(say, {
        name: annotations.publishers,
        color: colors.unknown,
        expr: `max by (stream) (increase(${select('livestream_push_client_changes_total')}[$__rate_interval])) > 0`,
        title: say(annotations.publishers),
        text: '{{stream}}',
        tags: ['stream'],
        panels: annotated,
      }),
    )
    .annotation(
      annotation(say, {
        name: annotations.alerts,
        color: alertColor,
        expr: firingByName(matchers),
        title: '{{alertname}}',
        text: say(happened.firing),
        tags: ['alertname'],
        panels: annotated,
      }),
    );
  return buildWithRows(say, builder, [
    { id: 100, title: texts.rows.now, panels: now(say) },
    { id: 200, title: texts.rows.quality, panels: quality(say) },
    { id: 300, title: texts.rows.push, panels: push(say) },
    { id: 400, title: texts.rows.data, panels: data(say, options) },
  ]);
}
