import { expect, test } from 'vitest';
import { plan } from './plan-output.ts';

test('warns with the effective interval if the intervals exceed the budget', async () => {
  const streams = Array.from({ length: 2000 }, (_, i) => `  - {account: t, stream: s${i}}`).join('\n');

  const { code, out } = await plan(`
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1, key_env: K}}]
streams:
${streams}
`);

  expect(code).toBe(0);
  expect(
    out,
  ).toBe(`account  operation                targets  configured interval  required requests/s  budget requests/s  effective interval  catch-up after 1h  feeds
t        Get_LivePushStatHistory     2000                   5s                  400                 20               1m50s              1m50s  counters and gauges
warning: account t: the configured intervals require 400 requests/s of Get_LivePushStatHistory, but the budget of 20 requests/s allows only 18.18 (requests are spaced 10 % wider), so each target is polled every 1m50s. No data is lost, but gauges change later, and livestream_push_up becomes absent (unknown) after three such intervals without a response. To avoid this, raise requests_per_second or the intervals.
`);
});

test('warns if the budget is so small that data is lost', async () => {
  const streams = Array.from({ length: 500 }, (_, i) => `  - {account: t, stream: s${i}}`).join('\n');

  const { code, out } = await plan(`
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1, key_env: K}, requests_per_second: {Get_LivePushStatHistory: 0.05}}
streams:
${streams}
`);

  expect(code).toBe(0);
  expect(out).toMatch(/ 3h3m20s +never +counters and gauges\n/);
  expect(out.split('\n')[2]).toBe(
    'warning: account t: the budget of 0.05 requests/s of Get_LivePushStatHistory is too small for 500 targets: each target is polled every 3h3m20s, but one request covers less time than that. The exporter falls behind until the provider no longer retains the data, which is then lost. Raise requests_per_second or remove targets.',
  );
});

test('warns if the budget is so small that the targets never catch up after an outage', async () => {
  const streams = Array.from({ length: 500 }, (_, i) => `  - {account: t, stream: s${i}}`).join('\n');

  const { out } = await plan(`
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1, key_env: K}, requests_per_second: {Get_LivePushStatHistory: 0.08}}
streams:
${streams}
`);

  expect(out).toMatch(/ 1h54m35s +never +counters and gauges\n/);
  expect(out.split('\n')[2]).toBe(
    'warning: account t: the budget of 0.08 requests/s of Get_LivePushStatHistory suffices for 500 targets only without an outage: each target is polled every 1h54m35s. After an outage of an hour, the targets never catch up and fall behind until the provider no longer retains the data, which is then lost. Raise requests_per_second or remove targets.',
  );
});

test('warns if the intervals exceed the budget only because tokens are spaced wider than it', async () => {
  const planned = async (count: number, budget = 20) => {
    const streams = Array.from({ length: count }, (_, i) => `  - {account: t, stream: s${i}}`).join('\n');
    const { out } = await plan(`
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1, key_env: K}, requests_per_second: {Get_LivePushStatHistory: ${budget}}}]
streams:
${streams}
`);
    return out.split('\n').slice(1);
  };

  // 5 s are enough for 90 requests, and for 100 with a budget that is a tenth higher than what they require.
  expect(await planned(90)).toEqual([expect.stringMatching(/ 90 +5s +18 +20 +5s /), '']);
  expect(await planned(100, 22)).toEqual([expect.stringMatching(/ 100 +5s +20 +22 +5s /), '']);
  expect(await planned(95)).toEqual([
    expect.stringMatching(/ 95 +5s +19 +20 +6s /),
    expect.stringMatching(
      /^warning: account t: the configured intervals require 19 requests\/s of Get_LivePushStatHistory, but the budget of 20 requests\/s allows only 18\.18 \(requests are spaced 10 % wider\), so each target is polled every 6s\. /,
    ),
    '',
  ]);
});

test('warns of what a small budget delays, for each kind of data', async () => {
  const domains = Array.from(
    { length: 3 },
    (_, i) => `  - {account: t, domain: d${i}.example.com, discover: true, discover_interval: 1s}`,
  );
  const { out } = await plan(`
accounts:
  - name: t
    provider: tencent
    api3: {secret_id_env: K, secret_key_env: K}
    requests_per_second: {DescribeLiveStreamOnlineList: 1, DescribeLiveStreamEventList: 0.05, DescribeLiveForbidStreamList: 0.05}
domains:
${domains.join('\n')}
`);

  const effects = out.split('\n').flatMap((line) => {
    const [, operation, effect] = /requests\/s of (\w+), .* every \w+\. (.*) To avoid this/.exec(line) ?? [];
    return operation === undefined ? [] : [[operation, effect]];
  });
  expect(effects).toEqual([
    [
      'DescribeLiveStreamOnlineList',
      'New streams are found later, and a push that ends before that is not found.',
    ],
    ['DescribeLiveStreamEventList', 'No data is lost, but control actions count later.'],
    ['DescribeLiveForbidStreamList', 'The begin and the end of a ban appear later.'],
  ]);
});

test('does not warn of the longest interval if only shorter ones become longer', async () => {
  const domains = Array.from(
    { length: 60 },
    (_, i) => `  - {account: a, domain: d${i}.example.com, control_history: {interval: 1s}}`,
  );
  const { out } = await plan(`
accounts: [{name: a, provider: alibaba, access_key_id_env: K, access_key_secret_env: K}]
domains:
  - {account: a, domain: slow.example.com, control_history: {interval: 1h, lookback: 1h}}
${domains.join('\n')}
`);

  expect(out).toMatch(/DescribeLiveStreamsControlHistory +61 +1s-1h +60 +25 +1h /);
  expect(out).not.toContain('polled every 1h');
  expect(out).toContain(
    'so targets with shorter intervals than 1h are polled less often than configured. No data',
  );
});
