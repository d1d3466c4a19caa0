import {
  alibaba,
  always,
  api3,
  api3Error,
  type Case,
  describeFailures,
  discovering,
  only,
  statcgi,
  withDomain,
} from './failing-account.ts';

const cases: Readonly<Record<string, Case>> = {
  'ingest domain in place of the streaming domain': {
    scenario: alibaba(),
    config: withDomain('push'),
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
    config: withDomain('other'),
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
  'site wrong': {
    scenario: api3(),
    intercept: always(api3Error('InvalidAction')),
    cause: 'not_offered',
    says: ['site: international'],
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
};

describeFailures(cases);
