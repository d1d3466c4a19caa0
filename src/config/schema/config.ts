import * as z from 'zod';
import { dayMs, hourMs } from '../../model/time.ts';
import { AccountSchema } from './accounts.ts';
import { DomainSchema } from './domains.ts';
import { label, labelValue, optionalLabel } from './names.ts';
import { PushStats } from './push-stats.ts';
import { bitrate, days, duration, endTime, ratio, section, startTime, timeZone } from './values.ts';

const Slot = section({
  days: days()
    .prefault('mon-sun')
    .describe('Days of the week, such as mon-fri or "sat,sun". Default: every day.'),
  from: startTime().describe('Start of the time slot, in the local time of time_zone.'),
  to: endTime().describe(
    'End of the time slot, at most "24:00". If it is not later than "from", the slot ends on the next day.',
  ),
  time_zone: timeZone().describe('Time zone, such as Asia/Shanghai, UTC or "+08:00".'),
}).transform(({ days, from, to, time_zone }) => ({
  days,
  fromMinute: from,
  toMinute: to,
  timeZone: time_zone,
}));

const expectation = {
  fps: z.number().gt(0).max(1000).optional().describe('Expected frames per second.'),
  bitrate: bitrate().optional().describe('Expected bit rate, such as 2500kbit or 2.5Mbit.'),
  fps_ratio: ratio().optional().describe('A sample whose frame rate is below this ratio of fps is degraded.'),
  bitrate_ratio: ratio()
    .optional()
    .describe('A sample whose bit rate is below this ratio of bitrate is degraded.'),
  live: z
    .union([z.boolean(), z.array(Slot).min(1)], { error: 'expected true, false or a list of time slots' })
    .optional()
    .describe(
      'When the stream is expected to be live: always (true), never (false), or in time slots. If this key is not set, the stream is never reported as missing.',
    ),
};

export const StreamSchema = section({
  account: label().describe('Name of the account that the stream belongs to.'),
  stream: label().describe('Name of the stream at the provider.'),
  domain: optionalLabel()
    .default('')
    .describe(
      'Label "domain": the push domain of the stream. Required for an account with api3, which finds streams by it.',
    ),
  app_name: optionalLabel()
    .default('')
    .describe(
      'Label "app_name": the application of the stream. An account with api3 requests the application "live" if it is empty.',
    ),
  expect: section(expectation).prefault({}).describe('Expected properties of the stream.'),
  labels: z
    .record(z.string(), labelValue())
    .default({})
    .describe('Your own labels on livestream_stream_info, for routing and joins.'),
}).describe('One stream whose push statistics are collected.');

const DefaultExpect = section({
  ...expectation,
  fps_ratio: ratio()
    .default(0.8)
    .describe('A sample whose frame rate is below this ratio of fps is degraded.'),
  bitrate_ratio: ratio()
    .default(0.5)
    .describe('A sample whose bit rate is below this ratio of bitrate is degraded.'),
}).describe('Expected properties of every stream that does not override them.');

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
  streams: z.array(StreamSchema).default([]).describe('Streams whose push statistics are collected.'),
  domains: z.array(DomainSchema).default([]).describe('Domains whose control history is collected.'),
  defaults: section({ expect: DefaultExpect.prefault({}) })
    .prefault({})
    .describe('Defaults of all streams.'),
  push_stats: PushStats.prefault({}).describe('How push statistics are collected.'),
  client_ip: ClientIp.prefault({}),
  limits: Limits.prefault({}).describe('Limits of the exporter.'),
}).meta({ title: 'Config of livestream-exporter' });

export type ConfigInput = z.output<typeof ConfigSchema>;
export type StreamInput = z.output<typeof StreamSchema>;

/**
 * Key paths outside `accounts` that are reserved for a later version of the config. `*` stands for any index
 * of a list. The value is the key to use today; undefined if there is none.
 */
export const laterKeys: ReadonlyMap<string, string | undefined> = new Map(
  [
    'alertmanager',
    ...['push_domains', 'discover', 'streams', 'expect', 'push_stats'].map((key) => `domains.*.${key}`),
  ].map((path) => [path, undefined]),
);

/**
 * Returns the JSON Schema of the config file for editors. It uses draft 7, because most editors support that
 * draft.
 */
export function toJsonSchema() {
  return z.toJSONSchema(ConfigSchema, { io: 'input', target: 'draft-7' });
}
