import { expect, test } from 'vitest';
import { createSlices } from '../../src/model/slices.ts';
import { toStatusView } from '../../src/status/view.ts';
import { controlTarget } from '../support/actions.ts';
import { noon } from '../support/samples.ts';
import { accountInput, collectorInput, context, exporter, streamInput, viewOf } from './inputs.ts';

test('returns seconds, UTC times and null for unknown values', async () => {
  const streams = [{ stream: streamInput() }, { stream: streamInput('b', { view: viewOf(undefined) }) }];
  const neverPolled = { targets: 0, failing: 0, lastSuccessAt: undefined, effectiveIntervalMs: 60_000 };

  const view = await toStatusView(
    exporter,
    [
      accountInput([collectorInput(streams)]),
      accountInput([collectorInput([], neverPolled)], { name: 'aliyun', provider: 'alibaba', endpoints: [] }),
    ],
    context,
  );

  expect(view).toEqual({
    now: '2026-03-01T12:00:00.000Z',
    exporter: {
      version: '1.2.3',
      started_at: '2026-03-01T11:59:00.000Z',
      config_file: 'live.yaml',
      config_loaded_at: '2026-03-01T11:59:10.000Z',
      config_last_reload_successful: true,
      state_saved_at: null,
      warnings: [],
    },
    posted_alerts: null,
    accounts: [
      {
        account: 'tencent',
        provider: 'tencent',
        endpoints: ['http://statcgi.example.com/common_access'],
        budget_requests_per_second: { Get_LivePushStatHistory: 20 },
      },
      {
        account: 'aliyun',
        provider: 'alibaba',
        endpoints: [],
        budget_requests_per_second: { Get_LivePushStatHistory: 20 },
      },
    ],
    collectors: [
      {
        account: 'tencent',
        provider: 'tencent',
        collector: 'push_stats',
        targets: 3,
        targets_failing: 1,
        last_success_at: '2026-03-01T11:59:58.500Z',
        last_success_age_seconds: 1.5,
        interval_seconds: 5,
      },
      {
        account: 'aliyun',
        provider: 'alibaba',
        collector: 'push_stats',
        targets: 0,
        targets_failing: 0,
        last_success_at: null,
        last_success_age_seconds: null,
        interval_seconds: 60,
      },
    ],
    streams: { total: 2, missing: 1, degraded: 0, unknown: 0, up: 1, not_pushed: 0 },
    recovered: 0,
    interrupted: 0,
    forbidden: { total: 0, streams: [] },
    domains: [],
    control_actions: [],
  });
});

test.each([
  [
    'http://user:hush@statcgi.example.com:81/common_access?sign=hush#hush',
    'http://statcgi.example.com:81/common_access',
  ],
  ['no url, hush', ''],
])('removes the secret parts of an endpoint', async (endpoint, shown) => {
  const view = await toStatusView(exporter, [accountInput([], { endpoints: [endpoint] })], context);

  expect(view.accounts[0]?.endpoints).toEqual([shown]);
});

test('shows posted alerts, and warns about an Alertmanager that receives none', async () => {
  const posting = {
    firing: new Map([['LivestreamForbidden', 2]]),
    alertmanagers: [
      { name: 'am-0:9093', lastSuccessAt: noon, failure: undefined },
      { name: 'am-1:9093', lastSuccessAt: undefined, failure: 'am-1:9093 refused the connection' },
    ],
  };

  const view = await toStatusView({ ...exporter, posting }, [], context);

  expect(view.posted_alerts).toEqual({
    firing: { LivestreamForbidden: 2 },
    alertmanagers: [
      { alertmanager: 'am-0:9093', last_success_at: '2026-03-01T12:00:00.000Z', failure: null },
      { alertmanager: 'am-1:9093', last_success_at: null, failure: 'am-1:9093 refused the connection' },
    ],
  });
  expect(view.exporter.warnings).toEqual(['alerts cannot be posted: am-1:9093 refused the connection']);
});

test('reads many targets in slices of the event loop', async () => {
  let now = 0;
  let yieldedAt = 0;
  let longest = 0;
  const inSlices = createSlices({
    sliceMs: 2,
    elapsed: () => now,
    async yieldNow() {
      longest = Math.max(longest, now - yieldedAt);
      yieldedAt = now;
    },
  });
  /** Streams that take 2 us each. */
  function* statuses() {
    for (let i = 0; i < 20_000; i++) {
      now += 0.002;
      yield { stream };
    }
  }
  const stream = streamInput();
  const collector = { ...collectorInput(), statuses };

  const view = await toStatusView(exporter, [accountInput([collector])], { ...context, inSlices });

  expect(view.streams).toMatchObject({ total: 20_000, up: 20_000 });
  expect(now).toBeGreaterThan(39);
  expect(longest).toBeLessThan(2.1);
});

test('shows what the bans of each domain come from', async () => {
  const domainOf = (domain: string) => ({
    target: controlTarget({ domain }),
    record: undefined,
    failure: undefined,
  });
  const statuses = [
    ...['list', 'none', 'starting'].map((domain) => ({ domain: domainOf(domain) })),
    { bans: { target: controlTarget({ domain: 'list' }), source: 'list' as const } },
    { bans: { target: controlTarget({ domain: 'starting' }), source: undefined } },
  ];

  const { domains } = await toStatusView(exporter, [accountInput([collectorInput(statuses)])], context);

  expect(domains.map(({ domain, forbidden_from }) => [domain, forbidden_from])).toEqual([
    ['list', 'list'],
    ['none', 'actions'],
    ['starting', null],
  ]);
});
