import { expect, test } from 'vitest';
import { alibabaError, api3Answer, api3Error, only } from './failing-account.ts';
import { causesIn, runOnSimulator } from './run-doctor.ts';

const scenario = `
name: healthy
streams:
  - {name: room-1, api: api3}
  - {name: 1234_room-2, api: statcgi}
  - {name: cam-1, api: alibaba, domain: play.example.com}
domains:
  - {name: play.example.com, push_domains: [push.example.com], story: [{at: 9m, stream: cam-1, action: forbid}]}
`;

test('finds nothing in healthy accounts, with one request per operation', async () => {
  const { code, out, err, requests } = await runOnSimulator({
    scenario: scenario.replace(/domains:.*/s, ''),
  });

  expect(out).toBe(`account            operation                               result           what to change
simulator          Get_LivePushStatHistory                 ok, data 0s old  -
simulator-api3     DescribeStreamPushInfoList              ok, data 0s old  -
simulator-alibaba  DescribeLiveCenterStreamRateData        ok, data 3s old  -
simulator-alibaba  DescribeLiveDomainMapping               ok, 1 domain     -
simulator-alibaba  DescribeLiveStreamPushMetricDetailData  ok, 58 minutes   -

No problem found.
`);
  expect([code, err]).toEqual([0, '']);
  expect(requests).toEqual({
    Get_LivePushStatHistory: 1,
    DescribeStreamPushInfoList: 1,
    DescribeLiveCenterStreamRateData: 1,
    DescribeLiveDomainMapping: 1,
    DescribeLiveStreamPushMetricDetailData: 1,
  });
});

test('finds nothing in a domain with control actions', async () => {
  const { code, out } = await runOnSimulator({ scenario });

  expect(out).toMatch(/^simulator-alibaba +DescribeLiveStreamsControlHistory +ok, 1 action +-$/m);
  expect(out).toContain('No problem found.');
  expect(code).toBe(0);
});

test('checks all operations of discovery and control actions, also where the site has no list of bans', async () => {
  const { code, out } = await runOnSimulator({
    scenario: `
name: healthy
account: {api: api3, discover: true}
streams: [{name: room-1}, {name: room-2, domain: two.example.com}]
`,
  });

  expect(out).toBe(`account    operation                     result            what to change
simulator  DescribeStreamPushInfoList    ok, data 0s old   -
simulator  DescribeLiveStreamOnlineList  ok, 2 live        -
simulator  DescribeLiveStreamEventList   ok, no actions    -
simulator  DescribeLiveForbidStreamList  not offered here  -
simulator  DescribeLiveStreamState       ok, state known   -

No problem found.
`);
  expect(code).toBe(0);
});

test('tells a stream that is not live from a failure, and checks the permission all the same', async () => {
  const idle = await runOnSimulator({
    scenario: 'name: idle\nstreams: [{name: room-1, api: api3, start: never}]',
  });
  const discovering = await runOnSimulator({
    scenario: 'name: idle\naccount: {api: api3, discover: true}\nstreams: [{name: room-1, start: never}]',
  });

  expect(idle.code).toBe(0);
  expect(idle.out).toContain('DescribeStreamPushInfoList  ok, nothing live  remark [1]');
  expect(idle.out).toContain('No problem found.');
  expect(idle.out).toContain('no data of the last hour for push.example.com/live/room-1');
  expect(discovering.code).toBe(0);
  expect(discovering.out).toContain('DescribeStreamPushInfoList    ok, nothing live  -');
  expect(discovering.requests.DescribeStreamPushInfoList).toBe(1);
});

test('does not take it for a failure if the provider refuses an application that is only tried', async () => {
  let intercepted = 0;
  const { code, out, requests } = await runOnSimulator({
    scenario: 'name: idle\nstreams: [{name: room-1, api: api3, app_name: show, start: never}]',
    intercept(_, response) {
      // The first request is that for the application of the config.
      return ++intercepted > 1 && api3Error('FailedOperation.StreamNotExist')(response);
    },
  });

  expect([code, causesIn(out)]).toEqual([0, ['nothing_live']]);
  expect(out).toContain('no data of the last hour for push.example.com/show/room-1');
  expect([intercepted, requests.DescribeStreamPushInfoList]).toEqual([2, 1]);
});

test('remarks an account that nothing in the config uses, because nothing was checked', async () => {
  const { code, out, requests } = await runOnSimulator({
    scenario: 'name: idle\nstreams: [{name: room-1, api: api3}]',
    config: (yaml) => yaml.replace(/\nstreams:[\s\S]*/, '\n'),
  });

  expect(out).toMatch(/^simulator-api3 +- +not checked +remark \[1\]$/m);
  expect(out).toContain('[1] account simulator-api3: nothing in the config uses the account');
  expect([code, causesIn(out)]).toEqual([0, ['unused_account']]);
  expect(requests).toEqual({});
});

test('does not take the end of a push for late data', async () => {
  const { code, out } = await runOnSimulator({
    scenario: 'name: ended\nstreams: [{name: room-1, api: api3, stop: 8m}]',
  });

  expect(out).toContain('ok, no data for 120s');
  expect(code).toBe(0);
});

test('requests a second stream if the first one is not live', async () => {
  const { code, out, requests } = await runOnSimulator({
    scenario: 'name: some\nstreams: [{name: room-1, api: api3, start: never}, {name: room-2, api: api3}]',
  });

  expect(out).toContain('ok, data 2s old');
  expect(code).toBe(0);
  // One of the stream that is not live, one of the other.
  expect(requests.DescribeStreamPushInfoList).toBe(2);
});

test('remarks a clock that is off by less than the exporter tolerates', async () => {
  const { code, out } = await runOnSimulator({
    scenario: 'name: off\nstreams: [{name: room-1, api: api3}]',
    skewMs: 12_000,
  });

  expect(out).toContain('Remarks, which need no change if they are expected:');
  expect(out).toMatch(/the clock of this host is 1[12] s behind the provider's clock\n/);
  expect(code).toBe(0);
});

test('remarks a list of bans that the account may not request, with the policy', async () => {
  const { code, out } = await runOnSimulator({
    scenario,
    intercept: only('DescribeLiveStreamsBlockList', alibabaError('NoPermission', 403)),
  });

  expect(code).toBe(0);
  expect(out).toMatch(/^simulator-alibaba +DescribeLiveStreamsBlockList +not offered here +remark \[1\]$/m);
  expect(out).toContain('"live:DescribeLiveStreamsBlockList"');
});

test('continues with other accounts if the secret of one is missing', async () => {
  const { code, out } = await runOnSimulator({ scenario, env: { SIMULATOR_STAT_KEY: '' } });

  expect(code).toBe(1);
  expect(out).toMatch(/^simulator +- +not checked +\[1\] set what is missing$/m);
  expect(out).toMatch(/^simulator-api3 .* ok, data 0s old +-$/m);
});

test('stops at a cause that concerns the whole account', async () => {
  const { out, requests } = await runOnSimulator({ scenario, env: { SIMULATOR_ACCESS_KEY_ID: 'nobody' } });

  expect(out).toMatch(/^simulator-alibaba +DescribeLiveStreamsControlHistory +not checked +\[1\]$/m);
  expect(requests).toMatchObject({ DescribeLiveDomainMapping: 1 });
  expect(requests).not.toHaveProperty('DescribeLiveStreamsControlHistory');
});

test('prints JSON with the same facts', async () => {
  const { code, out } = await runOnSimulator({
    scenario,
    env: { SIMULATOR_STAT_KEY: 'not-the-key' },
    flags: { format: 'json' },
  });

  expect(code).toBe(1);
  const report = JSON.parse(out);
  expect(report).toMatchObject({
    healthy: false,
    accounts: [
      {
        account: 'simulator',
        checks: [{ operation: 'Get_LivePushStatHistory', result: 'failed', reason: 'key_secret' }],
        findings: [{ cause: 'key_secret', severity: 'problem' }],
      },
      { account: 'simulator-api3', checks: [{ result: 'answered', newest_age_seconds: 2 }], findings: [] },
      { account: 'simulator-alibaba', findings: [] },
    ],
  });
});

test('rejects an invalid config with the position of the error', async () => {
  const { code, out, err, requests } = await runOnSimulator({ scenario, config: () => 'accounts: []\n' });

  expect([code, out, err]).toEqual([2, '', '/live.yaml:1:11: accounts: expected at least one item\n']);
  expect(requests).toEqual({});
});

test('finds nothing in a stream whose rows cover a minute each', async () => {
  const row = (time: string) => ({
    Time: time,
    VideoFps: 25,
    VideoRate: 2_500_000,
    AudioRate: 0,
    LocalTs: 60_000,
  });
  const rows = [row('2026-03-01T11:58:03Z'), row('2026-03-01T11:59:03Z'), row('2026-03-01T12:00:03Z')];
  let requests = 0;

  const { code, out } = await runOnSimulator({
    scenario: 'name: minutes\nstreams: [{name: room-1, api: api3}]',
    // At noon, the newest row is 57 s old; the next one follows some seconds later.
    intercept(...request) {
      const found = requests++ === 0 ? rows.slice(0, 2) : rows;
      return only('DescribeStreamPushInfoList', api3Answer({ DataInfoList: found }))(...request);
    },
  });

  expect(out).toMatch(/DescribeStreamPushInfoList +ok, data 0s old +-\n/);
  expect(out).toContain('No problem found.');
  expect(code).toBe(0);
});

test('sends one request per operation if the budget is small', async () => {
  const { code, requests } = await runOnSimulator({
    scenario: `
name: small
streams: [{name: room-1, api: api3, start: never}, {name: room-2, api: api3}, {name: room-3, api: api3, app_name: show}]
`,
    config: (yaml) =>
      yaml.replace(/(api3:\n)/, 'requests_per_second: {DescribeStreamPushInfoList: 0.1}\n    $1'),
  });

  expect(code).toBe(0);
  expect(requests.DescribeStreamPushInfoList).toBe(1);
});

test('sends few requests, however many streams and domains there are', async () => {
  const streams = Array.from(
    { length: 30 },
    (_, i) => `{name: s${i}, api: api3, app_name: app-${i % 10}, start: never}`,
  );

  const { requests } = await runOnSimulator({ scenario: `name: many\nstreams: [${streams.join(', ')}]` });

  // For each of three applications: three streams, and three other applications.
  expect(requests.DescribeStreamPushInfoList).toBe(18);
});

test('stops at an abort', async () => {
  const stop = new AbortController();

  const { code, out, err } = await runOnSimulator({
    scenario,
    signal: stop.signal,
    intercept() {
      stop.abort(new Error('stopped by the user'));
      return true;
    },
  });

  expect([code, out, err]).toEqual([1, '', 'stopped before all operations were checked\n']);
});
