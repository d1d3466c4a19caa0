import type * as z from 'zod';
import { capabilityOf } from '../../model/capabilities.ts';
import { hourMs, minuteMs, secondMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { duration, section } from './values.ts';

/** One call of Get_LivePushStatHistory spans 2 h; a lookback near that would ask for the same rows again and again. */
export const maxPushReachMs = 30 * minuteMs;

const interval = () => duration(secondMs, hourMs);
const lookback = () => duration(5 * secondMs, maxPushReachMs);
const staleAfter = () => duration(5 * secondMs, maxPushReachMs);

export const PushStats = section({
  interval: interval()
    .prefault(toDurationText(capabilityOf('Get_LivePushStatHistory').intervalMs))
    .describe('How often each stream is asked about, where the budget allows.'),
  lookback: lookback()
    .prefault('60s')
    .describe(
      'How far before what was asked already each call begins again, on top of expected_delay: rows that come later than both are lost.',
    ),
  stale_after: staleAfter()
    .prefault('30s')
    .describe('How old the newest sample may be, on top of expected_delay, until the stream counts as down.'),
});

export const AccountPushStats = section({
  interval: interval().optional(),
  lookback: lookback().optional(),
  stale_after: staleAfter().optional(),
}).describe('What differs from push_stats for the streams of this account.');

export type PushStatsInput = z.output<typeof PushStats>;
