import * as z from 'zod';
import { dayMs, secondMs } from '../../model/time.ts';
import { type AlibabaFailure, alibabaFailures } from '../alibaba/errors.ts';
import {
  address,
  duration,
  hasEffect,
  isShareOfAnswers,
  list,
  mapping,
  nothingHappens,
  oneOf,
  positiveDuration,
  positiveInteger,
  share,
  shareWithoutAnswer,
  text,
  word,
} from './schema-parts.ts';

export const signatureKinds = ['v3', 'v1'] as const;
export const formats = ['json', 'xml'] as const;
export const noRecordShapes = ['list', 'object', 'absent', 'null', 'text', 'outer_list'] as const;
export const oneRecordShapes = ['list', 'object'] as const;
export const streamNameShapes = ['full', 'bare'] as const;
export const orders = ['ascending', 'descending'] as const;
export const windowEnds = ['both', 'start', 'none'] as const;
export const beyondShapes = ['answered', 'refused'] as const;
/** What is no code of the provider: a fault on the way, or a status with a page of HTML. */
export const faults = [
  ...(['hang', 'reset', 'not_json', 'truncated', 'stuck'] as const),
  ...(['403', '404', '429', '500', '502', '503', '504'] as const),
] as const;

// Object.keys forgets which keys they are; the record has exactly these.
const codes = Object.keys(alibabaFailures) as AlibabaFailure[];

const AlibabaEventText = mapping({
  at: duration,
  for: positiveDuration.optional(),
  answer: oneOf([...faults, ...codes]).optional(),
  status: z
    .int({ error: 'expected a status from 400 to 599' })
    .min(400, { error: 'expected a status from 400 to 599' })
    .max(599, { error: 'expected a status from 400 to 599' })
    .optional(),
  share: share.optional(),
  rate_limit: positiveInteger.optional(),
  delay: duration.optional(),
})
  .refine(hasEffect, nothingHappens)
  .refine(isShareOfAnswers, shareWithoutAnswer)
  .refine(({ status, answer = '' }) => status === undefined || Object.hasOwn(alibabaFailures, answer), {
    error: 'a status is of a failure with a code: it needs such an "answer"',
    path: ['status'],
  });

/** The provider's side, in the words and units of a scenario's YAML. docs/simulator.md explains each key. */
export const AlibabaText = mapping({
  access_key_id: word.default('simulator-demo-id'),
  access_key_secret: word.default('simulator-demo-secret'),
  security_token: word.optional(),
  signature: oneOf(signatureKinds).default('v3'),
  format: oneOf(formats).default('json'),
  delay: duration.default(10_000),
  rate_limit: positiveInteger.default(50),
  retry_after: z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), text)
    .pipe(z.string().regex(/^[\x20-\x7e]*$/, { error: 'expected what a header can hold' }))
    .default('1000'),
  retention: positiveDuration.default(7 * dayMs),
  older_start: oneOf(beyondShapes).default('answered'),
  future_end: oneOf(beyondShapes).default('answered'),
  ends: oneOf(windowEnds).default('both'),
  order: oneOf(orders).default('ascending'),
  most_records: positiveInteger.optional(),
  no_records: oneOf(noRecordShapes).default('list'),
  one_record: oneOf(oneRecordShapes).default('list'),
  stream_name: oneOf(streamNameShapes).default('full'),
  extra_keys: z.boolean({ error: 'expected true or false' }).default(false),
  default_format: oneOf(formats).default('xml'),
  story: list(AlibabaEventText).default([]),
});

const ActionText = mapping({
  at: duration,
  every: positiveDuration.optional(),
  until: positiveDuration.optional(),
  stream: word,
  count: positiveInteger.max(200_000, { error: 'expected at most 200000' }).default(1),
  app_name: word.optional(),
  action: word,
  client_ip: z.union([z.literal('none'), address], { error: 'expected an IP address, or none' }).optional(),
  times: positiveInteger.max(1_000, { error: 'expected at most 1000' }).default(1),
  late: positiveDuration.optional(),
})
  .refine(({ every = secondMs }) => every >= secondMs, {
    error: 'expected at least one second: the times of actions are whole seconds',
    path: ['every'],
  })
  .refine(({ count, times }) => count * times <= 200_000, {
    error: 'expected at most 200000 records at once, count and times multiplied',
    path: ['times'],
  })
  .refine(({ until, every }) => until === undefined || every !== undefined, {
    error: 'something that happens once has no end: it needs "every"',
    path: ['until'],
  })
  .refine(({ count, stream }) => count === 1 || stream.includes('{n}'), {
    error: 'expected {n} in the name of a stream with a count',
    path: ['stream'],
  });

/** A domain of the account, and what is done to its streams. */
export const DomainText = mapping({
  name: word,
  app_names: list(word).min(1, { error: 'expected at least one app name' }).default(['live']),
  story: list(ActionText).default([]),
});
