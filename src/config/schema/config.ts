import * as z from 'zod';
import { dayMs, hourMs } from '../../model/time.ts';
import { AccountSchema } from './account.ts';
import { DomainSchema } from './domains.ts';
import { PushStats } from './push-stats.ts';
import { beginTime, bitrate, days, duration, endTime, label, ratio, section, timeZone } from './values.ts';

const Slot = section({
  days: days().prefault('mon-sun').describe('Days of the week, such as mon-fri or "sat,sun". Default: all.'),
  from: beginTime().describe('When the slot begins, by the wall clock of time_zone.'),
  to: endTime().describe('When it ends, up to "24:00"; at or before "from" it means the next day.'),
  time_zone: timeZone().describe('IANA name, such as Asia/Shanghai.'),
}).transform(({ days, from, to, time_zone }) => ({
  days,
  fromMinute: from,
  toMinute: to,
  timeZone: time_zone,
}));

const expectation = {
  fps: z.number().gt(0).max(1000).optional().describe('Frames per second that the stream should have.'),
  bitrate: bitrate()
    .optional()
    .describe('Bit rate that the stream should have, such as 2500kbit or 2.5Mbit.'),
  fps_ratio: ratio().optional().describe('Below this share of fps a sample is degraded.'),
  bitrate_ratio: ratio().optional().describe('Below this share of bitrate a sample is degraded.'),
  live: z
    .union([z.boolean(), z.array(Slot).min(1)], { error: 'expected true, false or a list of time slots' })
    .optional()
    .describe(
      'When the stream is due: always, never, or in time slots. Not given: it is not missed when it is gone.',
    ),
};

export const StreamSchema = section({
  account: label().describe('Name of the account that the stream belongs to.'),
  stream: label().describe('Name of the stream, as the API knows it.'),
  domain: z
    .string()
    .max(255)
    .default('')
    .describe('Label "domain": the push domain, where the API does not tell it.'),
  app_name: z
    .string()
    .max(255)
    .default('')
    .describe('Label "app_name": the publishing point under the domain.'),
  expect: section(expectation).prefault({}).describe('What the stream should be like.'),
  labels: z
    .record(z.string(), z.string().max(1024))
    .default({})
    .describe('Labels of your own on livestream_stream_info, for routing and joins.'),
}).describe('One stream whose push statistics are collected.');

const DefaultExpect = section({
  ...expectation,
  fps_ratio: ratio().default(0.8).describe('Below this share of fps a sample is degraded.'),
  bitrate_ratio: ratio().default(0.5).describe('Below this share of bitrate a sample is degraded.'),
}).describe('What is expected of every stream that does not say otherwise.');

const ClientIp = section({
  show: z
    .enum(['full', 'prefix', 'off'])
    .default('full')
    .describe("How much of a publisher's address is shown: all, its /24 or /48, or nothing."),
  on: z
    .enum(['gauges', 'info'])
    .default('gauges')
    .describe('Where: on fps, bit rate and livestream_push_info, or on livestream_push_info alone.'),
}).describe('The label client_ip.');

export const LimitsSchema = section({
  max_streams: z.int().min(1).max(100_000).default(20_000).describe('How many streams there may be at most.'),
  state_retention: duration(hourMs, 3650 * dayMs)
    .prefault('30d')
    .describe('How long the totals of a stream are kept after it left the config.'),
});

/** Everything but accounts, streams and domains, which come in numbers and are read one by one where one of them is wrong. */
export const sections = {
  defaults: section({ expect: DefaultExpect.prefault({}) })
    .prefault({})
    .describe('What holds for every stream.'),
  push_stats: PushStats.prefault({}).describe('How push statistics are collected.'),
  client_ip: ClientIp.prefault({}),
  limits: LimitsSchema.prefault({}).describe('Bounds of the program.'),
};

export const ConfigSchema = section({
  accounts: z.array(AccountSchema).min(1).describe('Who asks: credentials and limits.'),
  streams: z.array(StreamSchema).default([]).describe('The streams to watch.'),
  domains: z.array(DomainSchema).default([]).describe('The domains whose control history is watched.'),
  ...sections,
}).meta({ title: 'Config of livestream-exporter' });

export type ConfigInput = z.output<typeof ConfigSchema>;
export type StreamInput = z.output<typeof StreamSchema>;

/** For editors, of what stands in the file. Draft 7 is what most of them understand. */
export function toJsonSchema() {
  return z.toJSONSchema(ConfigSchema, { io: 'input', target: 'draft-7' });
}
