import { isIP } from 'node:net';
import * as z from 'zod';
import { dayMs, minuteMs, secondMs } from '../../model/time.ts';
import { type AlibabaOperation, operations } from '../alibaba/call.ts';
import { type AlibabaFailure, alibabaFailures } from '../alibaba/errors.ts';
import {
  apiEventKeys,
  bulkCount,
  duration,
  oneOf,
  parsedBy,
  positiveDuration,
  positiveInteger,
  requireAnswerOfShare,
  requireEffect,
  word,
} from './schema-parts.ts';

/**
 * Failures of the simulated API that are not error codes of the provider: faults of the connection or body,
 * and HTTP statuses with an HTML page.
 */
const faults = [
  ...(['hang', 'reset', 'not_json', 'truncated', 'stuck'] as const),
  ...(['403', '404', '429', '500', '502', '503', '504'] as const),
] as const;

// The cast is safe: Object.keys returns string[], and `alibabaFailures` has exactly the keys of the type
// AlibabaFailure.
const codes = Object.keys(alibabaFailures) as AlibabaFailure[];

// The cast is safe in the same way.
const operationNames = Object.keys(operations) as [AlibabaOperation, ...AlibabaOperation[]];

const AlibabaEventText = z
  .strictObject({
    ...apiEventKeys([...faults, ...codes]),
    status: z.int().min(400).max(599).optional(),
  })
  .refine(...requireEffect)
  .refine(...requireAnswerOfShare)
  .refine(({ status, answer = '' }) => status === undefined || Object.hasOwn(alibabaFailures, answer), {
    error: 'status requires the key "answer" with an error code',
    path: ['status'],
  });

/**
 * Schema of the key `alibaba` in a scenario, which describes the behavior and the account of the simulated
 * Alibaba API. It has the keys and units of the YAML file; docs/simulator.md explains each key.
 */
export const AlibabaText = z.strictObject({
  access_key_id: word.default('simulator-demo-id'),
  access_key_secret: word.default('simulator-demo-secret'),
  /** Security token of temporary credentials; undefined if the AccessKey is permanent. */
  security_token: word.optional(),
  /**
   * Signature version in the exporter config that the simulator prints. The simulated API accepts all
   * versions.
   */
  signature: oneOf(['v3', 'v1']).default('v3'),
  /**
   * Response format in the exporter config that the simulator prints. The simulated API supports both
   * formats.
   */
  format: oneOf(['json', 'xml']).default('json'),
  delay: duration.default(10_000),
  /** Maximum number of requests of the account per calendar second. */
  rate_limit: positiveInteger.default(50),
  retry_after: z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string())
    .pipe(z.string().regex(/^[\x20-\x7e]*$/, { error: 'expected printable ASCII for a header' }))
    .default('1000'),
  retention: positiveDuration.default(7 * dayMs),
  /** What a request gets if its start is before the retention: the existing records, or a failure. */
  older_start: oneOf(['answered', 'refused']).default('answered'),
  /** What a request gets if its end is in the future: the existing records, or a failure. */
  future_end: oneOf(['answered', 'refused']).default('answered'),
  /** Which ends of a requested window belong to the window. */
  ends: oneOf(['both', 'start', 'none']).default('both'),
  order: oneOf(['ascending', 'descending']).default('ascending'),
  /**
   * Maximum number of records in a response, counted from the first record in the configured `order`;
   * undefined if there is no limit.
   */
  most_records: positiveInteger.optional(),
  no_records: oneOf(['list', 'object', 'absent', 'null', 'text', 'outer_list']).default('list'),
  one_record: oneOf(['list', 'object']).default('list'),
  stream_name: oneOf(['full', 'bare']).default('full'),
  extra_keys: z.boolean().default(false),
  /** Format of the response if the request does not name a format. */
  default_format: oneOf(['json', 'xml']).default('xml'),
  /** Whether the printed config discovers the streams instead of listing them. */
  discover: z.boolean().default(false),
  /** Unit of the bit rates in push statistics. */
  bitrate_unit: oneOf(['bit', 'byte', 'kbit']).default('bit'),
  /** Unit of the bit rates in the rates of a domain. */
  domain_bitrate_unit: oneOf(['bit', 'byte', 'kbit']).default('byte'),
  /** Time until the rates and the push metrics of a domain contain a minute. */
  domain_delay: duration.default(2 * minuteMs),
  /** Kind of domain for which push statistics are returned. */
  rates_of: oneOf(['ingest', 'streaming', 'both']).default('ingest'),
  /** What a request for push statistics of a domain of the wrong kind gets: a failure, or no rows. */
  wrong_domain: oneOf(['refused', 'empty']).default('refused'),
  /** Rows of push statistics for time without a push: none, or rows in which all values are 0. */
  silence: oneOf(['absent', 'zeros']).default('absent'),
  /** Form of the names in the list of forbidden streams, and the kind of domain that they contain. */
  ban_name: oneOf(['streaming', 'ingest', 'bare']).default('streaming'),
  /** Operations for which the RAM user has no permission. */
  not_granted: z.array(oneOf(operationNames)).default([]),
  /** Transcoding templates. Each adds a stream to the list of live streams for each stream. */
  transcoded: z.array(word).default([]),
  story: z.array(AlibabaEventText).default([]),
});

const addressOrNone = parsedBy(
  (text) => (text === 'none' || isIP(text) !== 0 ? text : undefined),
  'an IP address or none',
);

const ActionText = z
  .strictObject({
    at: duration,
    every: positiveDuration.optional(),
    until: positiveDuration.optional(),
    /**
     * Stream name. If `count` is greater than 1, it must contain `{n}`, which is replaced by the stream
     * number.
     */
    stream: word,
    count: bulkCount.default(1),
    app_name: word.optional(),
    /** Action in the record, as the provider writes it. */
    action: word,
    client_ip: addressOrNone.default('198.51.100.200'),
    /** Number of equal records in the same second that each occurrence of the action creates. */
    times: positiveInteger.max(1_000).default(1),
    late: positiveDuration.default(0),
    /** Time after which a ban ends by itself, without a record. */
    expires: positiveDuration.optional(),
    /** Whether the control history contains the action. */
    recorded: z.boolean().default(true),
  })
  .refine(({ expires, action }) => expires === undefined || action.toLowerCase() === 'forbid', {
    error: 'expires requires action: forbid',
    path: ['expires'],
  })
  .refine(({ every = secondMs }) => every >= secondMs, {
    error: 'expected at least 1s, because the times of actions are whole seconds',
    path: ['every'],
  })
  .refine(({ count, times }) => count * times <= 200_000, {
    error: 'count multiplied by times must be at most 200000',
    path: ['times'],
  })
  .refine(({ until, every }) => until === undefined || every !== undefined, {
    error: 'until requires the key "every"',
    path: ['until'],
  })
  .refine(({ count, stream }) => count === 1 || stream.includes('{n}'), {
    error: 'expected {n} in the name, because count is above 1',
    path: ['stream'],
  });

/** Schema of one domain of the Alibaba account, with the control actions on its streams. */
export const DomainText = z.strictObject({
  name: word,
  app_names: z.array(word).min(1).default(['live']),
  /**
   * Ingest domains. Each stream of the domain is pushed to one of them; without any, to the domain itself.
   */
  push_domains: z.array(word).default([]),
  story: z.array(ActionText).default([]),
});
