import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import {
  asFleet,
  causesIn,
  type Intercept,
  listen,
  type Outcome,
  runOnSimulator,
  type SimulatedAccount,
  serve,
} from './run-doctor.ts';

const api3 = (more = '') => `
name: account
streams: [{name: room-1, api: api3}]
${more}`;
const statcgi = (more = '') => `
name: account
streams: [{name: room-1, api: statcgi}]
${more}`;
const alibaba = (more = '', stream = '') => `
name: account
streams: [{name: "cam-1", api: alibaba, domain: play.example.com${stream}}]
domains: [{name: play.example.com, push_domains: [push.example.com]}]
${more}`;
const fleet = (more: string) => alibaba(more, ', count: 20').replace('cam-1', 'cam-{n}');
const discovering = 'account: {api: api3, discover: true}';

/** Sends an error of API 3.0. */
const api3Error = (code: string) => (response: ServerResponse) => {
  response.end(JSON.stringify({ Response: { Error: { Code: code, Message: 'message' }, RequestId: 'r-1' } }));
  return true;
};
/** Sends an error of Alibaba. */
const alibabaError = (code: string, status: number) => (response: ServerResponse) => {
  response.statusCode = status;
  response.end(JSON.stringify({ Code: code, Message: 'message', HostId: 'h', RequestId: 'r-1' }));
  return true;
};
const always =
  (send: (response: ServerResponse) => boolean): Intercept =>
  (_, response) =>
    send(response);
const only =
  (wanted: string, send: (response: ServerResponse) => boolean): Intercept =>
  (operation, response) =>
    operation === wanted && send(response);

/** Replaces the endpoints of the config. */
const endpoint = (url: string) => (yaml: string) => yaml.replaceAll(/endpoint: \S+/g, `endpoint: ${url}`);

/** Lets the exporter assume the default units. */
const withoutUnits = (yaml: string) => yaml.replace(/ +bitrate_unit:\n.*\n/, '');

/** Removes the streams from the config. */
const withoutStreams = (yaml: string) => yaml.replace(/\nstreams:\n[\s\S]*?\n(?=domains:)/, '\n');

interface Case extends SimulatedAccount {
  readonly cause: string;
  /** Parts of the output: the cause in words, and the remedy. */
  readonly says: readonly (string | RegExp)[];
}

const cases: Readonly<Record<string, Case>> = {
  'secret missing': {
    scenario: api3(),
    env: { SIMULATOR_SECRET_KEY: '' },
    cause: 'config',
    says: [
      '/live.yaml:6:23: accounts.0.api3.secret_key_env: empty (environment variable SIMULATOR_SECRET_KEY)',
    ],
  },
  'secret id wrong': {
    scenario: api3(),
    env: { SIMULATOR_SECRET_ID: 'AKIDnobody' },
    cause: 'key_id',
    says: ['check the key id (environment variable SIMULATOR_SECRET_ID)'],
  },
  'secret key wrong': {
    scenario: api3(),
    env: { SIMULATOR_SECRET_KEY: 'not-the-key' },
    cause: 'key_secret',
    says: ['check the secret (environment variable SIMULATOR_SECRET_KEY)'],
  },
  'key of the statistics API wrong': {
    scenario: statcgi(),
    env: { SIMULATOR_STAT_KEY: 'not-the-key' },
    cause: 'key_secret',
    says: ['check the secret (environment variable SIMULATOR_STAT_KEY)'],
  },
  'access key id wrong': {
    scenario: alibaba(),
    env: { SIMULATOR_ACCESS_KEY_ID: 'nobody' },
    cause: 'key_id',
    says: ['check the key id (environment variable SIMULATOR_ACCESS_KEY_ID)'],
  },
  'access key secret wrong': {
    scenario: alibaba(),
    env: { SIMULATOR_ACCESS_KEY_SECRET: 'not-the-secret' },
    cause: 'key_secret',
    says: ['check the secret (environment variable SIMULATOR_ACCESS_KEY_SECRET)'],
  },
  'temporary credentials expired': {
    scenario: alibaba(
      'alibaba: {security_token: sts-token, story: [{at: 0s, answer: InvalidSecurityToken.Expired}]}',
    ),
    cause: 'token',
    says: ['renew key id, secret and token together', 'environment variable SIMULATOR_SECURITY_TOKEN'],
  },
  'clock ahead, signature still valid': {
    scenario: api3(),
    skewMs: -100_000,
    cause: 'clock',
    says: ["the clock of this host is 100 s ahead of the provider's clock", 'start time synchronization'],
  },
  'clock ahead, signature expired': {
    scenario: api3(),
    skewMs: -1_000_000,
    cause: 'clock',
    says: ["the clock of this host is 1000 s ahead of the provider's clock"],
  },
  'clock ahead, time range in the future': {
    scenario: alibaba('alibaba: {future_end: refused}'),
    config: withoutStreams,
    skewMs: -100_000,
    cause: 'clock',
    says: ["the clock of this host is 100 s ahead of the provider's clock", 'InvalidEndTime.Malformed'],
  },
  'clock behind': {
    scenario: alibaba(),
    skewMs: 1_200_000,
    cause: 'clock',
    says: [/the clock of this host is 1(199|200) s behind the provider's clock/],
  },
  'permission missing for one operation': {
    scenario: api3(discovering),
    intercept: only('DescribeLiveStreamOnlineList', api3Error('UnauthorizedOperation')),
    cause: 'permission',
    says: ['grant it in CAM', '"live:DescribeLiveStreamOnlineList"', '"effect": "allow"', '"version": "2.0"'],
  },
  'permission missing for two operations': {
    scenario: alibaba(),
    intercept: (operation, response) =>
      /RateData|ControlHistory/.test(operation) && alibabaError('NoPermission', 403)(response),
    cause: 'permission',
    says: [
      'no permission for DescribeLiveStreamsControlHistory, DescribeLiveCenterStreamRateData',
      'grant it in RAM',
      /"live:DescribeLiveStreamsControlHistory",\s+"live:DescribeLiveCenterStreamRateData"/,
      '"Effect": "Allow"',
    ],
  },
  'permission missing for the lookup of domains': {
    scenario: alibaba(),
    intercept: only('DescribeLiveDomainMapping', alibabaError('Forbidden.RAM', 403)),
    cause: 'permission',
    says: [/"Action": \[\s+"live:DescribeLiveDomainMapping"\s+\]/],
  },
  'permission missing for the lookup, but not for the list before it is needed': {
    scenario: alibaba('alibaba: {discover: true}'),
    intercept: only('DescribeLiveDomainMapping', alibabaError('Forbidden.RAM', 403)),
    cause: 'permission',
    says: [/"Action": \[\s+"live:DescribeLiveDomainMapping"\s+\]/],
  },
  'ingest domain in place of the streaming domain': {
    scenario: alibaba(),
    config: (yaml) => yaml.replace(/(domains:\n +- account: \S+\n +domain: )play/, '$1push'),
    cause: 'domain_kind',
    says: [
      'push.example.com is an ingest domain',
      'replace the domain push.example.com with play.example.com',
    ],
  },
  'stream with the ingest domain': {
    scenario: alibaba(),
    config: (yaml) => yaml.replace(/(stream: cam-1\n +domain: )play/, '$1push'),
    cause: 'domain_kind',
    says: [
      'the domain of a stream is an ingest domain',
      'write its main streaming domain (play.example.com)',
    ],
  },
  'domain of another account': {
    scenario: alibaba(),
    config: (yaml) => yaml.replace(/(domains:\n +- account: \S+\n +domain: )play/, '$1other'),
    cause: 'domain_not_found',
    says: [
      'other.example.com is no live domain of this account',
      'check that the key belongs to the account',
    ],
  },
  'push domain of another account': {
    scenario: api3(),
    intercept: always(api3Error('ResourceNotFound.PushDomainNoRecord')),
    cause: 'domain_not_found',
    says: ['push.example.com is no live domain of this account'],
  },
  'service not enabled': {
    scenario: alibaba('alibaba: {story: [{at: 0s, answer: InvalidIdentity.ServiceDisabled}]}'),
    cause: 'service_not_enabled',
    says: ['enable the live service in the console'],
  },
  'service overdue': {
    scenario: api3(),
    intercept: always(api3Error('ResourceNotFound.StopService')),
    cause: 'service_stopped',
    says: ['overdue payment', 'pay what is overdue'],
  },
  'statistics API needs a ticket': {
    scenario: statcgi('provider: {story: [{at: 0s, answer: cmd is invalid}]}'),
    cause: 'ticket',
    says: ['not enabled for this app_id', 'open a ticket with the provider'],
  },
  throttled: {
    scenario: api3('provider: {story: [{at: 0s, answer: RequestLimitExceeded}]}'),
    cause: 'throttled',
    says: [
      'which other programs use the same account',
      'requests_per_second: {DescribeStreamPushInfoList: 10}',
    ],
  },
  'throttled by user': {
    scenario: alibaba('alibaba: {story: [{at: 0s, answer: Throttling.User}]}'),
    config: withoutStreams,
    cause: 'throttled',
    says: ['requests_per_second: {DescribeLiveStreamsControlHistory: 12.5'],
  },
  'data late': {
    scenario: api3('provider: {delay: 97s}'),
    config: (yaml) => yaml.replace(/ +expected_delay:\n.*\n/, ''),
    cause: 'data_delay',
    says: [
      /samples of room-1 arrive about \d+ s after/,
      'later than expected_delay (10 s)',
      'expected_delay: {push_stats: 100s}',
    ],
  },
  'data later than the config supports': {
    scenario: api3('provider: {delay: 50m}'),
    config: (yaml) => yaml.replace(/ +expected_delay:\n.*\n/, ''),
    cause: 'data_delay',
    says: ['ask the support of the provider'],
  },
  'time zone wrong': {
    scenario: statcgi(),
    config: (yaml) => yaml.replace(/(key_env: \S+)/, '$1\n      time_zone: "+02:00"'),
    cause: 'time_zone',
    says: ['set time_zone to the zone of the times', 'time_zone: "+08:00"'],
  },
  'times in UTC': {
    scenario: statcgi(),
    intercept(_, response, incoming) {
      const query = new URL(incoming.url ?? '', 'http://host').searchParams;
      const at = Number(query.get('Param.n.end_time')) - 10;
      const time = new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' ');
      const row = { time, fps: 25, speed: 2_500_000, client_ip: '192.0.2.1', server_ip: '198.51.100.1' };
      response.end(JSON.stringify({ ret: 0, message: 'ok', output: { stream_info: [row] } }));
      return true;
    },
    cause: 'time_zone',
    says: ['the times in the response are in UTC', 'correct time_zone in the config', 'time_zone: UTC'],
  },
  'unit of bit rates wrong': {
    scenario: alibaba('alibaba: {bitrate_unit: kbit}'),
    config: withoutUnits,
    cause: 'unit',
    says: ['bitrate_unit: {DescribeLiveCenterStreamRateData: kbit}', 'set bitrate_unit to kbit'],
  },
  'unit of bit rates wrong, but plausible': {
    scenario: alibaba('alibaba: {bitrate_unit: byte}'),
    config: withoutUnits,
    cause: 'unit',
    says: [
      /DescribeLiveCenterStreamRateData reports about 31\d{4} bit\/s for a live stream, and DescribeLiveStreamPushMetricDetailData, whose unit is documented, 2[45]\d{5} bit\/s/,
      'bitrate_unit: {DescribeLiveCenterStreamRateData: byte}',
      /DescribeLiveStreamPushMetricDetailData +ok, 58 minutes +-/,
    ],
  },
  'unit of bit rates wrong, without push metrics': {
    scenario: alibaba('alibaba: {bitrate_unit: kbit}'),
    config: withoutUnits,
    intercept: only('DescribeLiveStreamPushMetricDetailData', (response) => {
      response.end(JSON.stringify({ RequestId: 'r-1', StreamDetailData: {} }));
      return true;
    }),
    cause: 'unit',
    says: ['bitrate_unit: {DescribeLiveCenterStreamRateData: kbit}', 'the bit rate fits the expected one'],
  },
  'unit of bit rates wrong, those of the domain right': {
    scenario: fleet('alibaba: {bitrate_unit: byte}'),
    config: (yaml) => asFleet(withoutUnits(yaml)),
    cause: 'unit',
    says: [
      'bitrate_unit: {DescribeLiveCenterStreamRateData: byte}',
      /DescribeLiveDomainFrameRateAndBitRateData +ok, 20 live +-/,
    ],
  },
  'unit of the rates of a domain wrong, by comparison with the push metrics': {
    scenario: fleet('alibaba: {domain_bitrate_unit: kbit}'),
    config: (yaml) => asFleet(withoutUnits(yaml)),
    cause: 'unit',
    says: [
      'bitrate_unit: {DescribeLiveDomainFrameRateAndBitRateData: kbit}',
      'with kbit, both operations report the same bit rate',
    ],
  },
  'unit of the rates of a domain wrong, by comparison with the history': {
    scenario: fleet('alibaba: {domain_bitrate_unit: bit}'),
    config: (yaml) => asFleet(withoutUnits(yaml)),
    intercept: only('DescribeLiveStreamPushMetricDetailData', (response) => {
      response.end(JSON.stringify({ RequestId: 'r-1', StreamDetailData: {} }));
      return true;
    }),
    cause: 'unit',
    says: ['bitrate_unit: {DescribeLiveDomainFrameRateAndBitRateData: bit}'],
  },
  'application wrong': {
    scenario: `
name: account
streams: [{name: room-1, api: api3, app_name: show}, {name: room-2, api: api3, app_name: show}]`,
    config: (yaml) => yaml.replace('app_name: show', 'app_name: live'),
    cause: 'app_name',
    says: ['data under the application "show", and none under "live"', 'app_name: show'],
  },
  'application in the wrong case': {
    scenario: api3(),
    config: (yaml) => yaml.replace(/app_name: live/, 'app_name: Live'),
    cause: 'app_name',
    says: ['data under the application "live", and none under "Live"', 'the provider distinguishes case'],
  },
  'discovered application in the wrong case': {
    scenario: api3(discovering),
    config: (yaml) => yaml.replace(/- live/, '- Live'),
    cause: 'app_name',
    says: ['app_names: [live]'],
  },
  'application of a domain in the wrong case': {
    scenario: `
name: actions
domains: [{name: play.example.com, app_names: [show], story: [{at: 9m, stream: cam-1, app_name: show, action: forbid}]}]`,
    config: (yaml) => yaml.replace(/(domains:\n +- account: \S+\n)/, '$1    app_name: Show\n'),
    cause: 'app_name',
    says: ['data under the application "show", and none under "Show"', 'app_name: show'],
  },
  'proxy without credentials': {
    ...behindProxy(407, {}),
    cause: 'proxy_credentials',
    says: ['set user and password in the URL of the proxy'],
  },
  'proxy forbids the host': {
    ...behindProxy(403, { 'x-squid-error': 'ERR_ACCESS_DENIED 0' }),
    cause: 'proxy_forbids',
    says: ['allow the host of the API in the proxy'],
  },
  'proxy fails': {
    ...behindProxy(503, { 'x-squid-error': 'ERR_DNS_FAIL 0' }),
    cause: 'proxy_failed',
    says: ['the proxy can reach the host of the API'],
  },
  'name not resolvable': {
    scenario: api3(),
    config: endpoint('https://no-such-host.invalid'),
    cause: 'dns',
    says: ['cannot resolve no-such-host.invalid', 'check the DNS of this host'],
  },
  'host silent': {
    scenario: api3('provider: {story: [{at: 0s, answer: hang}]}'),
    flags: { requestMs: 1_000 },
    cause: 'timeout',
    says: ['no response within 1 s', 'the firewall does not drop the packets'],
  },
  'restricted by risk control': {
    scenario: alibaba('alibaba: {story: [{at: 0s, answer: Forbidden.RiskControl}]}'),
    cause: 'key_restricted',
    says: ['check restrictions of the account'],
  },
  'connection reset': {
    scenario: api3('provider: {story: [{at: 0s, answer: reset}]}'),
    cause: 'connection_lost',
    says: ['the connection broke before the response was complete', 'check firewalls, proxies'],
  },
  'provider down': {
    scenario: api3('provider: {story: [{at: 0s, answer: InternalError}]}'),
    cause: 'server_error',
    says: ['run the command again in some minutes'],
  },
  'web page in place of an answer': {
    scenario: api3('provider: {story: [{at: 0s, answer: not_json}]}'),
    cause: 'web_page',
    says: ['captive portal'],
  },
  'answer unreadable': {
    scenario: alibaba('alibaba: {story: [{at: 0s, answer: truncated}]}'),
    config: withoutStreams,
    cause: 'unreadable',
    says: ['run the command again with --record=DIR'],
  },
  'some rows unreadable': {
    scenario: api3(),
    intercept: only('DescribeStreamPushInfoList', (response) => {
      const Time = new Date(Date.UTC(2026, 2, 1, 11, 59, 50)).toISOString().replace('.000', '');
      const row = { Time, VideoFps: 25, VideoRate: 2_500_000, AudioRate: 0, LocalTs: 5_000 };
      response.end(JSON.stringify({ Response: { DataInfoList: [row, { Time }], RequestId: 'r-1' } }));
      return true;
    }),
    cause: 'unreadable_rows',
    says: ['1 of 2 rows of the answer cannot be read'],
  },
  'endpoint wrong': {
    scenario: statcgi(),
    config: (yaml) => yaml.replace('/common_access', '/other'),
    cause: 'endpoint',
    says: ['check the endpoint of the account'],
  },
  'site wrong': {
    scenario: api3(),
    intercept: always(api3Error('InvalidAction')),
    cause: 'not_offered',
    says: ['site: international'],
  },
  'old answers of a cache': {
    scenario: api3(),
    intercept(_, response) {
      response.setHeader('age', '900');
      response.setHeader('date', new Date(Date.UTC(2026, 2, 1, 11, 45)).toUTCString());
      return api3Error('FailedOperation.HasNotLivingStream')(response);
    },
    cause: 'http_cache',
    says: ['exempt the host of the API from the cache'],
  },
  'second domain of another account': {
    scenario: alibaba(),
    config: (yaml) => `${yaml}  - {account: simulator-alibaba, domain: other.example.com}\n`,
    cause: 'domain_not_found',
    says: ['failed (1 of 2)', 'other.example.com is no live domain of this account'],
  },
  'listed as live, but without history': {
    scenario: api3(discovering),
    intercept: only('DescribeStreamPushInfoList', api3Error('ResourceNotFound.EmptyData')),
    cause: 'no_history',
    says: [
      'room-1 is listed as live for 1h10m, but has no samples in the last hour',
      'the one to which it is pushed',
    ],
  },
  'unit of a list differs from that of the history': {
    scenario: api3(),
    config: (yaml) =>
      yaml.replace(/(api3:\n)/, 'requests_per_second: {DescribeStreamPushInfoList: 0.01}\n    $1'),
    intercept: only('DescribeLiveStreamPushInfoList', (response) => {
      const row = {
        ...{ StreamName: 'room-1', AppName: 'live', PushDomain: 'push.example.com' },
        ...{
          VideoFps: 25,
          VideoSpeed: 25_000,
          AudioSpeed: 100,
          ClientIp: '192.0.2.1',
          ServerIp: '192.0.2.2',
        },
      };
      const list = { DataInfoList: [row], TotalNum: 1, TotalPage: 1, PageNum: 1, PageSize: 1_000 };
      response.end(JSON.stringify({ Response: { ...list, RequestId: 'r-1' } }));
      return true;
    }),
    cause: 'unit',
    says: [
      /DescribeLiveStreamPushInfoList +trouble, 1 live/,
      'the bit rates of a live stream are about 25100 bit/s',
    ],
  },
  'error unknown': {
    scenario: api3(),
    intercept: always(api3Error('SomethingNew')),
    cause: 'refused',
    says: ['SomethingNew', 'look up the error code'],
  },
};

/** An account whose requests go through a proxy that answers itself. */
function behindProxy(
  status: number,
  headers: Readonly<Record<string, string>>,
): SimulatedAccount & { proxy: Responder } {
  return { scenario: api3(), config: endpoint('http://live.example.com'), proxy: { status, headers } };
}

interface Responder {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

async function run(account: SimulatedAccount & { readonly proxy?: Responder }): Promise<Outcome> {
  if (account.proxy === undefined) return runOnSimulator(account);
  const { status, headers } = account.proxy;
  await using proxy = await serve((_, response) => response.writeHead(status, headers).end('no'));
  return await runOnSimulator({ ...account, env: { HTTP_PROXY: proxy.url } });
}

describe('names the cause and the remedy, and nothing else', () => {
  test.each(Object.entries(cases))('%s', async (_, account) => {
    const { code, out, err, env } = await run(account);

    const text = out.replaceAll(/\n +/g, ' ');
    for (const part of account.says) {
      if (typeof part === 'string') expect(text).toContain(part);
      else expect(text).toMatch(part);
    }
    expect(causesIn(out)).toEqual([account.cause]);
    expect([code, err]).toEqual([1, '']);
    for (const secret of Object.entries(env)) {
      if (/KEY|SECRET|TOKEN/.test(secret[0]) && secret[1] !== '') expect(out).not.toContain(secret[1]);
    }
  });

  test('certificate not trusted', async () => {
    const tls = join(import.meta.dirname, '../fixtures/tls');
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(tls, name), 'utf8'));
    await using server = await listen(createTlsServer({ cert, key }, (_, response) => response.end('{}')));

    const { code, out } = await runOnSimulator({
      scenario: api3(),
      config: endpoint(`https://127.0.0.1:${server.port}`),
    });

    expect(code).toBe(1);
    expect(causesIn(out)).toEqual(['tls_trust']);
    expect(out).toContain('set NODE_EXTRA_CA_CERTS to this file');
  });

  test('connection refused', async () => {
    const port = await freePort();

    const { code, out } = await runOnSimulator({
      scenario: api3(),
      config: endpoint(`http://127.0.0.1:${port}`),
    });

    expect(code).toBe(1);
    expect(causesIn(out)).toEqual(['connect']);
    expect(out).toContain('check host and port of the endpoint');
  });
});
