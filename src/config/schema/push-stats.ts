import type * as z from 'zod';
import { capabilityOf } from '../../model/operations.ts';
import { hourMs, minuteMs, secondMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { duration, section } from './values.ts';

/**
 * Maximum of lookback plus expected delay of a stream, in ms. One request of Get_LivePushStatHistory spans at
 * most 2 h. If lookback plus delay were close to 2 h, each request would return almost only rows that the
 * previous request also returned.
 */
export const maxPushReachMs = 30 * minuteMs;

const interval = () => duration(secondMs, hourMs);
const lookback = () => duration(5 * secondMs, maxPushReachMs);
const staleAfter = () => duration(5 * secondMs, maxPushReachMs);

export const PushStats = section({
  interval: interval()
    .prefault(toDurationText(capabilityOf('Get_LivePushStatHistory').intervalMs))
    .describe('Polling interval of each stream, if the budget allows it.'),
  lookback: lookback()
    .prefault('60s')
    .describe(
      'Overlap of each request with the time that was already requested, in addition to expected_delay. A sample that the provider returns even later counts only if the exporter knows no other sample of the stream for its time.',
    ),
  stale_after: staleAfter()
    .prefault('30s')
    .describe(
      'If the newest sample is older than this time plus expected_delay (or the delay observed lately, if longer), the stream counts as not live.',
    ),
});

export const AccountPushStats = section({
  interval: interval().optional().describe('Overrides push_stats.interval.'),
  lookback: lookback().optional().describe('Overrides push_stats.lookback.'),
  stale_after: staleAfter().optional().describe('Overrides push_stats.stale_after.'),
}).describe('Overrides push_stats for the streams of this account.');

export type PushStatsInput = z.output<typeof PushStats>;
export type AccountPushStatsInput = z.output<typeof AccountPushStats>;
