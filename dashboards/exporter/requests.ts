import * as common from '@grafana/grafana-foundation-sdk/common';
import { colors } from '../colors.ts';
import { graphPanel } from '../panels.ts';
import { tablePanel } from '../tables.ts';
import { type Say, same } from '../text.ts';
import { absent, words } from '../texts.ts';
import { ofAccount, quantile } from './queries.ts';
import { exporterTexts as texts } from './texts.ts';

/** Requests to the providers: how many, how many fail, how long they take, and how near the budget is. */
export function requests(say: Say) {
  const place = { width: 12, height: 8, isOpen: true };
  const rate = (metric: string) => `rate(${ofAccount(metric)}[$__rate_interval])`;
  const duration = (q: number) =>
    quantile(q, 'livestream_api_request_duration_seconds', ['account', 'operation']);
  const operation = '{{account}} {{operation}}';
  return [
    graphPanel(say, {
      ...place,
      id: 201,
      text: texts.kinds,
      unit: 'reqps',
      lines: [
        {
          legend: same('{{kind}}'),
          expr: `sum by (kind) (${rate('livestream_api_request_failures_total')})`,
        },
      ],
    })
      .drawStyle(common.GraphDrawStyle.Bars)
      .fillOpacity(60)
      .axisSoftMax(1)
      .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal)),
    graphPanel(say, {
      ...place,
      id: 202,
      text: texts.budget,
      unit: 'percentunit',
      lines: [
        {
          legend: same(operation),
          expr: `max by (account, operation) (${rate('livestream_api_requests_total')} / ${ofAccount('livestream_api_budget_requests_per_second')}) > 0`,
        },
        {
          legend: texts.legends.budget,
          expr: `0 * max(${ofAccount('livestream_api_budget_requests_per_second')}) + 1 / 1.1`,
          color: colors.warning,
          isLimit: true,
        },
      ],
    }).max(1),
    graphPanel(say, {
      ...place,
      id: 203,
      text: texts.latency,
      unit: 's',
      lines: [
        { legend: same(`p50 ${operation}`), expr: duration(0.5) },
        { legend: same(`p99 ${operation}`), expr: duration(0.99) },
      ],
    }),
    graphPanel(say, {
      ...place,
      id: 204,
      text: texts.requests,
      unit: 'reqps',
      lines: [
        {
          legend: same(operation),
          expr: `sum by (account, operation) (${rate('livestream_api_requests_total')}) > 0`,
        },
      ],
    }),
    tablePanel(say, {
      id: 205,
      text: texts.failed,
      unit: 'none',
      width: 24,
      height: 6,
      noValue: absent.noneOrNoData,
      keys: ['account', 'operation', 'kind'],
      columns: [
        {
          title: texts.columns.failed,
          width: 120,
          // Each exporter sends its own requests, so these are not de-duplicated.
          expr: `round(sum by (account, operation, kind) (increase(${ofAccount('livestream_api_request_failures_total')}[$__range]))) > 0`,
          steps: [{ at: 1, color: colors.warning }],
        },
        { title: words.kind, width: 130, label: 'kind' },
        { title: words.account, width: 160, label: 'account', isFlexible: true },
        { title: words.operation, width: 260, label: 'operation', isFlexible: true },
      ],
      sortBy: [texts.columns.failed],
    }),
  ];
}
