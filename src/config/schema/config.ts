import * as z from 'zod';
import { dayMs, hourMs } from '../../model/time.ts';
import { AccountSchema } from './accounts.ts';
import { AlertmanagerSection } from './alertmanager.ts';
import { DomainSchema } from './domains.ts';
import { DefaultExpect, expectation } from './expectation.ts';
import { label, labels, optionalLabel } from './names.ts';
import { PushStats } from './push-stats.ts';
import { duration, section } from './values.ts';

export const StreamSchema = section({
  account: label().describe('Name of the account that the stream belongs to.'),
  stream: label().describe('Name of the stream at the provider.'),
  domain: optionalLabel()
    .default('')
    .describe(
      'Label "domain": the push domain of the stream, or at Alibaba Cloud its main streaming domain. Required for an account with api3 or of Alibaba Cloud, which find streams by it.',
    ),
  app_name: optionalLabel()
    .default('')
    .describe(
      'Label "app_name": the application of the stream. An account with api3 requests the application "live" if it is empty. Required for an account of Alibaba Cloud.',
    ),
  expect: section(expectation).prefault({}).describe('Expected properties of the stream.'),
  labels: labels(),
}).describe('One stream whose push statistics are collected.');

const ClientIp = section({
  show: z
    .enum(['full', 'prefix', 'off'])
    .default('full')
    .describe(
      'Part of the publisher IP address that the label contains: the whole address, its /24 or /48 network, or nothing.',
    ),
  on: z
    .enum(['gauges', 'info'])
    .default('gauges')
    .describe(
      'Metrics that have the label client_ip: livestream_push_fps, livestream_push_bitrate_bps and livestream_push_info (gauges), or only livestream_push_info (info).',
    ),
}).describe('Settings of the label client_ip.');

const Limits = section({
  max_streams: z.int().min(1).max(100_000).default(20_000).describe('Maximum number of streams.'),
  state_retention: duration(hourMs, 3650 * dayMs)
    .prefault('30d')
    .describe('Time for which the exporter keeps the totals of a stream that was removed from the config.'),
});

export const ConfigSchema = section({
  accounts: z.array(AccountSchema).min(1).describe('Credentials and limits at the providers.'),
  streams: z.array(StreamSchema).prefault([]).describe('Streams whose push statistics are collected.'),
  domains: z
    .array(DomainSchema)
    .prefault([])
    .describe('Domains whose control history is collected, and whose live streams can be discovered.'),
  defaults: section({ expect: DefaultExpect.prefault({}) })
    .prefault({})
    .describe('Defaults of all streams.'),
  push_stats: PushStats.prefault({}).describe('How push statistics are collected.'),
  client_ip: ClientIp.prefault({}),
  limits: Limits.prefault({}).describe('Limits of the exporter.'),
  alertmanager: AlertmanagerSection.prefault({}),
}).meta({ title: 'Config of livestream-exporter' });

export type ConfigInput = z.output<typeof ConfigSchema>;
export type StreamInput = z.output<typeof StreamSchema>;

/**
 * Returns the JSON Schema of the config file for editors. It uses draft 7, because most editors support that
 * draft.
 */
export function toJsonSchema() {
  return z.toJSONSchema(ConfigSchema, { io: 'input', target: 'draft-7' });
}
