import * as z from 'zod';
import { type Api3Failure, api3Failures } from '../api3/errors.ts';
import { AlibabaText, DomainText } from './alibaba-schema.ts';
import {
  address,
  apiEventKeys,
  bitRate,
  bulkCount,
  convertedBy,
  duration,
  lineText,
  oneOf,
  parsedBy,
  parseFiniteDuration,
  parseLevelShare,
  parseRate,
  positiveDuration,
  positiveInteger,
  positiveShare,
  requireAnswerOfShare,
  requireEffect,
  share,
  word,
} from './schema-parts.ts';

// The cast is safe: Object.keys returns string[], and `api3Failures` has exactly the keys of the type
// Api3Failure.
const api3Codes = Object.keys(api3Failures) as Api3Failure[];

/**
 * Responses of the simulated Tencent APIs that an event of the story can force: faults of the connection or
 * body, HTTP statuses, messages or codes of the statistics API, and codes of API 3.0. A code applies only to
 * requests of its API.
 */
const forcedAnswers = [
  ...(['hang', 'reset', 'not_json', '403', '404', '500', '502', '503', '504'] as const),
  ...(['cmd is invalid', 'appid is invalid', 'sign invalid', 'time expired'] as const),
  ...(['1000', '1001', '1201', '1202', '1204'] as const),
  ...api3Codes,
] as const;

/** Tencent's APIs that the exporter can use. */
const apis = ['statcgi', 'api3'] as const;

const maxFrameRate = 1_000;

/**
 * Schema of a frame rate in an event: a percentage of the stream's normal frame rate (`60%`), or frames per
 * second.
 */
const frameRateLevel = convertedBy((value) => {
  const isRate = typeof value === 'number' && value >= 0 && value <= maxFrameRate;
  return isRate ? { value } : typeof value === 'string' ? toShare(value) : undefined;
}, 'frames per second, or a percentage such as "60%"');
/** Schema of a bit rate in an event: a percentage of the stream's normal bit rate (`60%`), or a bit rate. */
const bitRateLevel = parsedBy((text) => {
  const value = parseRate(text);
  return value === undefined ? toShare(text) : { value };
}, 'a bit rate such as "500kbit", or a percentage such as "60%"');

function toShare(text: string) {
  const share = parseLevelShare(text);
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
    /** IP address of a second publisher, which pushes the same stream at the same time. */
    second_publisher: address.optional(),
    /**
     * Part of the passed time that the video of a sample lasts: less if the push stutters. Only API 3.0 shows
     * it.
     */
    video_time: positiveShare.optional(),
    /** Time between two keyframes. Only API 3.0 shows it. */
    keyframe_interval: positiveDuration.optional(),
    /** Control action that ends the push. The stream has no samples during the event. */
    cut: oneOf(['forbid', 'drop']).optional(),
    /** Whether the ban expires at the end of the event. Otherwise, somebody resumes the stream then. */
    expires: z.literal(true).optional(),
    /** Text of the reason in the record of the push that ends at the start of the event. */
    stop_reason: lineText.min(1).max(1_000).optional(),
  })
  .refine(...requireEffect)
  .refine(({ expires, cut }) => expires === undefined || cut === 'forbid', {
    error: 'expires requires cut: forbid',
    path: ['expires'],
  })
  .refine(({ stop_reason, silent, cut }) => stop_reason === undefined || silent || cut !== undefined, {
    error: 'stop_reason requires silent or cut',
    path: ['stop_reason'],
  });

const ApiEventText = z
  .strictObject({ ...apiEventKeys(forcedAnswers), held_until: positiveDuration.optional() })
  .refine(...requireEffect)
  .refine(...requireAnswerOfShare);

const durationOrNever = parsedBy(
  (text) => (text === 'never' ? Infinity : parseFiniteDuration(text)),
  'a duration such as "30s", or never',
);

const StreamText = z
  .strictObject({
    /**
     * Stream name. If `count` is greater than 1, it must contain `{n}`, which is replaced by the stream
     * number.
     */
    name: word,
    count: bulkCount.default(1),
    /** API in the printed config that is asked for this stream; by default that of the account at Tencent. */
    api: oneOf([...apis, 'alibaba']).optional(),
    domain: word.default('push.example.com'),
    app_name: word.default('live'),
    fps: z.number().min(0).max(maxFrameRate).default(25),
    bitrate: bitRate.default(2_500_000),
    client_ip: address.default('192.0.2.1'),
    server_ip: address.default('198.51.100.1'),
    start: durationOrNever.default(-Infinity),
    stop: duration.default(Infinity),
    story: z.array(StreamEventText).default([]),
  })
  .refine(({ count, name }) => count === 1 || name.includes('{n}'), {
    error: 'expected {n} in the name, because count is above 1',
    path: ['name'],
  });

/** Limits of the factor by which a story runs faster. Without them, a time could be infinite. */
const [minSpeed, maxSpeed] = [0.001, 1_000_000];

/** Schema of a scenario. It has the keys and units of the YAML file; docs/simulator.md explains each key. */
export const ScenarioText = z
  .strictObject({
    name: word,
    description: z.string().default(''),
    /** Seed of the random numbers that produce the noise. */
    seed: z.int().default(1),
    loop: positiveDuration.optional(),
    /**
     * Factor by which the story runs faster than the clock. It does not change the period of the samples,
     * which is 5 s of clock time.
     */
    speed: z.number().min(minSpeed).max(maxSpeed).default(1),
    /**
     * Maximum random deviation of a frame rate, as a ratio of the frame rate. The maximum deviation of a bit
     * rate is twice this ratio.
     */
    noise: share.default(0.03),
    /** Account at Tencent. The account at Alibaba is in the key `alibaba`. */
    account: z
      .strictObject({
        /**
         * API in the exporter config that the simulator prints, unless a stream sets another one. The
         * simulator always serves both, with the same samples.
         */
        api: oneOf(apis).default('statcgi'),
        /** Site of API 3.0, which determines its page sizes. */
        site: oneOf(['china', 'international']).default('china'),
        /** Whether the printed config discovers the streams of API 3.0 instead of listing them. */
        discover: z.boolean().default(false),
        app_id: positiveInteger.default(1234),
        key: word.default('simulator-demo-key'),
        secret_id: word.default('simulator-demo-secret-id'),
        secret_key: word.default('simulator-demo-secret-key'),
        /** Token of temporary credentials; undefined if the key pair is permanent. */
        token: word.optional(),
      })
      .prefault({}),
    provider: z
      .strictObject({
        delay: duration.default(5_000),
        /** Maximum number of requests per operation and calendar second; undefined if there is no limit. */
        rate_limit: positiveInteger.optional(),
        output: oneOf(['object', 'array', 'rows', 'text']).default('object'),
        empty: oneOf(['code', 'null', 'absent', 'list']).default('code'),
        failures_in: oneOf(['both', 'ret', 'retcode']).default('both'),
        time: oneOf(['naive', 'iso', 'epoch', 'epoch_ms', 'digits']).default('naive'),
        numbers: oneOf(['number', 'string']).default('number'),
        late: z.strictObject({ share, by: positiveDuration }).default({ share: 0, by: 0 }),
        doubled: z.strictObject({ share }).default({ share: 0 }),
        partial: z.strictObject({ share }).default({ share: 0 }),
        unfinished: z.strictObject({ share }).default({ share: 0 }),
        list: z
          .strictObject({
            /** Time until the list of live streams contains a begin or an end of a push. */
            delay: duration.default(0),
            /** Time by which each page of the list is newer than the previous page, so that streams move. */
            page_lag: duration.default(0),
          })
          .prefault({}),
        events: z
          .strictObject({
            /** Time until the list of ended pushes contains a push. */
            delay: duration.default(5_000),
            late: z.strictObject({ share, by: positiveDuration }).default({ share: 0, by: 0 }),
            /** Time by which each page of the list is newer than the previous page, so that rows move. */
            page_lag: duration.default(0),
          })
          .prefault({}),
        story: z.array(ApiEventText).default([]),
      })
      .prefault({}),
    streams: z.array(StreamText).min(1).default([]),
    alibaba: AlibabaText.prefault({}),
    domains: z.array(DomainText).min(1).default([]),
  })
  .refine(({ streams, domains }) => streams.length + domains.length > 0, {
    error: 'expected streams, domains, or both',
    // Skip the check if there are other errors, because the streams or domains may be under a misspelled key.
    when: ({ issues }) => issues.length === 0,
  });

export type ScenarioText = z.infer<typeof ScenarioText>;
