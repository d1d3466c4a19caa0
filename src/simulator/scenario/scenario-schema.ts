import * as z from 'zod';
import { AlibabaText, DomainText } from './alibaba-schema.ts';
import {
  address,
  bitRate,
  duration,
  hasEffect,
  isShareOfAnswers,
  list,
  mapping,
  nothingHappens,
  ofText,
  oneOf,
  onlyTrue,
  positiveDuration,
  positiveInteger,
  readAs,
  share,
  shareWithoutAnswer,
  text,
  word,
} from './schema-parts.ts';
import { parseBitRate, parsePercent } from './units.ts';

export const outputShapes = ['object', 'array', 'rows', 'text'] as const;
export const emptyShapes = ['code', 'null', 'absent', 'list'] as const;
export const failurePlaces = ['both', 'ret', 'retcode'] as const;
export const timeShapes = ['naive', 'iso', 'epoch', 'epoch_ms', 'digits'] as const;
export const numberShapes = ['number', 'string'] as const;
export const forcedAnswers = [
  'hang',
  'reset',
  'not_json',
  '403',
  '404',
  '500',
  '502',
  '503',
  '504',
  'cmd is invalid',
  'appid is invalid',
  'sign invalid',
  'time expired',
  '1000',
  '1001',
  '1201',
  '1202',
  '1204',
] as const;

const frameRate = z
  .number({ error: 'expected frames per second, such as 25' })
  .min(0, { error: 'expected 0 or more' })
  .max(1_000, { error: 'expected at most 1000' });
/** A share of the stream's ordinary value (`60%`), or a value of its own. */
function level(parse: (value: unknown) => number | undefined, expected: string) {
  return readAs((value) => {
    const ofOrdinary = ofText(parsePercent)(value);
    if (ofOrdinary !== undefined) return { share: ofOrdinary };
    const own = parse(value);
    return own === undefined ? undefined : { value: own };
  }, expected);
}

const frameRateLevel = level(
  (value) => (typeof value === 'number' && value >= 0 && value <= 1_000 ? value : undefined),
  'frames per second, or a share such as "60%"',
);
const bitRateLevel = level(ofText(parseBitRate), 'a bit rate such as "500kbit", or a share such as "60%"');

const StreamEventText = mapping({
  at: duration,
  for: positiveDuration.optional(),
  fps: frameRateLevel.optional(),
  bitrate: bitRateLevel.optional(),
  silent: onlyTrue.optional(),
  flapping: mapping({ up: positiveDuration, down: positiveDuration }).optional(),
  client_ip: address.optional(),
  server_ip: address.optional(),
  second_publisher: address.optional(),
}).refine(hasEffect, nothingHappens);

const ApiEventText = mapping({
  at: duration,
  for: positiveDuration.optional(),
  answer: oneOf(forcedAnswers).optional(),
  share: share.optional(),
  rate_limit: positiveInteger.optional(),
  delay: duration.optional(),
})
  .refine(hasEffect, nothingHappens)
  .refine(isShareOfAnswers, shareWithoutAnswer);

const StreamText = mapping({
  name: word,
  count: positiveInteger.max(200_000, { error: 'expected at most 200000' }).default(1),
  domain: word.default('push.example.com'),
  app_name: word.default('live'),
  fps: frameRate.default(25),
  bitrate: bitRate.default(2_500_000),
  client_ip: address.default('192.0.2.1'),
  server_ip: address.default('198.51.100.1'),
  start: z
    .union([z.literal('never'), duration], { error: 'expected a duration such as "30s", or never' })
    .optional(),
  stop: duration.optional(),
  story: list(StreamEventText).default([]),
}).refine((stream) => stream.count === 1 || stream.name.includes('{n}'), {
  error: 'expected {n} in the name of a stream with a count',
  path: ['name'],
});

/** The text of a scenario, in the words and units of its YAML. docs/simulator.md explains each key. */
export const ScenarioText = mapping({
  name: word,
  description: text.default(''),
  seed: z.int({ error: 'expected a whole number' }).default(1),
  loop: positiveDuration.optional(),
  speed: z.number({ error: 'expected a number' }).positive({ error: 'expected more than 0' }).default(1),
  noise: share.default(0.03),
  account: mapping({
    app_id: positiveInteger.default(1234),
    key: word.default('simulator-demo-key'),
  }).prefault({}),
  provider: mapping({
    delay: duration.default(5_000),
    rate_limit: positiveInteger.optional(),
    output: oneOf(outputShapes).default('object'),
    empty: oneOf(emptyShapes).default('code'),
    failures_in: oneOf(failurePlaces).default('both'),
    time: oneOf(timeShapes).default('naive'),
    numbers: oneOf(numberShapes).default('number'),
    late: mapping({ share, by: positiveDuration }).optional(),
    doubled: mapping({ share }).optional(),
    story: list(ApiEventText).default([]),
  }).prefault({}),
  streams: list(StreamText).min(1, { error: 'expected at least one stream' }).default([]),
  alibaba: AlibabaText.prefault({}),
  domains: list(DomainText).min(1, { error: 'expected at least one domain' }).default([]),
}).refine(({ streams, domains }) => streams.length + domains.length > 0, {
  error: 'expected streams, domains, or both',
  // They may stand under a key that is unknown.
  when: ({ issues }) => issues.length === 0,
});

export type ScenarioText = z.infer<typeof ScenarioText>;
