import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './panels.ts';
import { selected } from './queries.ts';

/** Returns the dashboard variables. Each offers only the values that match the variables before it. */
export function variables() {
  return [
    new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    labelVariable('account', 'Account', 'livestream_api_requests_total'),
    labelVariable('provider', 'Provider', 'livestream_api_requests_total{account=~"$account"}'),
    labelVariable(
      'domain',
      'Domain',
      `{__name__=~"livestream_stream_info|livestream_control_domain_actions_total", ${selected.account}}`,
    ),
    labelVariable(
      'stream',
      'Stream',
      `{__name__=~"livestream_stream_info|livestream_control_actions_total", ${selected.domain}}`,
    ),
  ];
}

function labelVariable(name: string, label: string, series: string): dashboard.QueryVariableBuilder {
  return (
    new dashboard.QueryVariableBuilder(name)
      .label(label)
      .datasource(datasource)
      .query({ qryType: 1, query: `label_values(${series}, ${name})`, refId: name })
      .definition(`label_values(${series}, ${name})`)
      .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
      .sort(dashboard.VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      // Not .+: the label of an unknown domain is empty.
      .allValue('.*')
      .current({ selected: true, text: 'All', value: '$__all' })
  );
}
