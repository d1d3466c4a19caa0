import * as z from 'zod';
import { parseBitrate, parseDuration, parsePercent } from '../../text/units.ts';
import { AlibabaText, DomainText } from './alibaba-schema.ts';
import {
  address,
  apiEventKeys,
  bitRate,
  bulkCount,
  convertedBy,
  duration,
  oneOf,
  parsedBy,
  positiveDuration,
  positiveInteger,
  requireAnswerOfShare,
  requireEffect,
  share,
  word,
} from './schema-parts.ts';

/** Responses that a story can force: transport faults, HTTP statuses, and texts or codes of the provider. */
export const forcedAnswers = [
  ...(['hang', 'reset', 'not_json', '403', '404', '500', '502', '503', '504'] as const),
  ...(['cmd is invalid', 'appid is invalid', 'sign invalid', 'time expired'] as const),
  ...(['1000', '1001', '1201', '1202', '1204'] as const),
] as const;

const maxFrameRate = 1_000;

/** A ratio of the normal value of the stream (`60%`), or an absolute value. */
const frameRateLevel = convertedBy((value) => {
  const isRate = typeof value === 'number' && value >= 0 && value <= maxFrameRate;
  return isRate ? { value } : typeof value === 'string' ? toShare(value) : undefined;
}, 'frames per second, or a percentage such as "60%"');
const bitRateLevel = parsedBy((text) => {
  const value = parseBitrate(text);
  return value === undefined ? toShare(text) : { value };
}, 'a bit rate such as "500kbit", or a percentage such as "60%"');

function toShare(text: string) {
  const share = parsePercent(text);
  return share === undefined ? undefined : { share };
}

const StreamEventText = z
  .strictObject({
    at: duration,
    for: positiveDuration.optional(),
    fps: frameRateLevel.optional(),
    bitrate: bitRateLevel.optional(),
    silent: z.literal(true).optional(),
    flapping: z.strictObject({ up: positiveDuration, down: positiveDuration }).optional(),
    client_ip: address.optional(),
    server_ip: address.optional(),
    second_publisher: address.optional(),
  })
  .refine(...requireEffect);

const ApiEventText = z
  .strictObject(apiEventKeys(forcedAnswers))
  .refine(...requireEffect)
  .refine(...requireAnswerOfShare);

const durationOrNever = parsedBy(
  (text) => (text === 'never' ? text : parseDuration(text)),
  'a duration such as "30s", or never',
);

const StreamText = z
  .strictObject({
    name: word,
    count: bulkCount.default(1),
    domain: word.default('push.example.com'),
    app_name: word.default('live'),
    fps: z.number().min(0).max(maxFrameRate).default(25),
    bitrate: bitRate.default(2_500_000),
    client_ip: address.default('192.0.2.1'),
    server_ip: address.default('198.51.100.1'),
    start: durationOrNever.optional(),
    stop: duration.optional(),
    story: z.array(StreamEventText).default([]),
  })
  .refine(({ count, name }) => count === 1 || name.includes('{n}'), {
    error: 'expected {n} in the name, because count is above 1',
    path: ['name'],
  });

/** A scenario in the keys and units of its YAML. docs/simulator.md explains each key. */
export const ScenarioText = z
  .strictObject({
    name: word,
    description: z.string().default(''),
    seed: z.int().default(1),
    loop: positiveDuration.optional(),
    speed: z.number().positive().default(1),
    noise: share.default(0.03),
    account: z
      .strictObject({
        app_id: positiveInteger.default(1234),
        key: word.default('simulator-demo-key'),
      })
      .prefault({}),
    provider: z
      .strictObject({
        delay: duration.default(5_000),
        rate_limit: positiveInteger.optional(),
        output: oneOf(['object', 'array', 'rows', 'text']).default('object'),
        empty: oneOf(['code', 'null', 'absent', 'list']).default('code'),
        failures_in: oneOf(['both', 'ret', 'retcode']).default('both'),
        time: oneOf(['naive', 'iso', 'epoch', 'epoch_ms', 'digits']).default('naive'),
        numbers: oneOf(['number', 'string']).default('number'),
        late: z.strictObject({ share, by: positiveDuration }).optional(),
        doubled: z.strictObject({ share }).optional(),
        story: z.array(ApiEventText).default([]),
      })
      .prefault({}),
    streams: z.array(StreamText).min(1).default([]),
    alibaba: AlibabaText.prefault({}),
    domains: z.array(DomainText).min(1).default([]),
  })
  .refine(({ streams, domains }) => streams.length + domains.length > 0, {
    error: 'expected streams, domains, or both',
    // Skipped after other errors, because they can be under a misspelled key.
    when: ({ issues }) => issues.length === 0,
  });

export type ScenarioText = z.infer<typeof ScenarioText>;
