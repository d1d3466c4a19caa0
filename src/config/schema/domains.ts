import * as z from 'zod';
import { capabilityOf } from '../../model/operations.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { expectation } from './expectation.ts';
import { label, labels, optionalLabel } from './names.ts';
import { AccountPushStats } from './push-stats.ts';
import { duration, hostName, pattern, section } from './values.ts';

/**
 * Maximum of lookback plus expected delay of a domain, in ms. Counted actions are stored for one day, so an
 * older action could not be recognized as a duplicate.
 */
export const maxControlReachMs = dayMs;

export const ControlHistory = section({
  interval: duration(secondMs, hourMs)
    .prefault(toDurationText(capabilityOf('DescribeLiveStreamsControlHistory').intervalMs))
    .describe('Polling interval of the domain, and of its forbidden streams, if the budget allows it.'),
  lookback: duration(minuteMs, maxControlReachMs)
    .prefault('10m')
    .describe(
      'Overlap of each request with the time that was already requested, in addition to expected_delay.',
    ),
}).describe('How the control history of the domain is collected.');

const Filter = section({
  include: pattern()
    .prefault('.*')
    .describe('Regular expression that the whole name of a stream must match.'),
  exclude: pattern()
    .prefault('')
    .describe('Regular expression of streams to leave out: the whole name must not match.'),
}).describe('Filter of the discovered streams by name.');

export const DomainSchema = section({
  account: label().describe('Name of the account that the domain belongs to.'),
  domain: hostName().describe(
    'Label "domain": at Tencent Cloud the push domain, at Alibaba Cloud the main streaming domain, not one of its ingest domains.',
  ),
  app_name: optionalLabel()
    .default('')
    .describe('Only for alibaba: only actions on streams of this application. Empty: all applications.'),
  control_history: ControlHistory.prefault({}),
  push_domains: z
    .array(hostName())
    .prefault([])
    .describe(
      'Only for alibaba: ingest domains of the main streaming domain, from which push statistics are requested. Empty: requested from the provider.',
    ),
  discover: z
    .boolean()
    .default(false)
    .describe('Whether push statistics of the live streams of the domain are collected.'),
  discover_interval: duration(secondMs, hourMs)
    .prefault(toDurationText(capabilityOf('DescribeLiveStreamOnlineList').intervalMs))
    .describe('Time between two lists of the live streams, if the budget allows it.'),
  app_names: z
    .array(label())
    .min(1)
    .default(['live'])
    .describe(
      'Applications whose live streams are discovered, and at Tencent Cloud also those whose control actions are collected. Tencent Cloud answers for each of them separately.',
    ),
  streams: Filter.prefault({}),
  expect: section(expectation).prefault({}).describe('Expected properties of the discovered streams.'),
  push_stats: AccountPushStats.prefault({}).describe(
    'Overrides push_stats for the discovered streams of this domain.',
  ),
  labels: labels(),
}).describe('One domain whose control actions are collected, and whose live streams can be discovered.');

export type DomainInput = z.output<typeof DomainSchema>;
