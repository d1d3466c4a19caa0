import {
  alibaba,
  alibabaError,
  api3,
  api3Error,
  type Case,
  describeFailures,
  discovering,
  only,
  statcgi,
  withoutStreams,
} from './failing-account.ts';

const lookupForbidden = {
  intercept: only('DescribeLiveDomainMapping', alibabaError('Forbidden.RAM', 403)),
  cause: 'permission',
  says: [/"Action": \[\s+"live:DescribeLiveDomainMapping"\s+\]/],
};

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
    ...lookupForbidden,
  },
  'permission missing for the lookup, but not for the list before it is needed': {
    scenario: alibaba('alibaba: {discover: true}'),
    ...lookupForbidden,
  },
  'restricted by risk control': {
    scenario: alibaba('alibaba: {story: [{at: 0s, answer: Forbidden.RiskControl}]}'),
    cause: 'key_restricted',
    says: ['check restrictions of the account'],
  },
};

describeFailures(cases);
