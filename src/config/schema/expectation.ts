import * as z from 'zod';
import { bitrate, days, endTime, ratio, section, startTime, timeZone } from './values.ts';

const Slot = section({
  days: days()
    .prefault('mon-sun')
    .describe('Days of the week on which the slot starts, such as mon-fri or "sat,sun".'),
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

/** Keys of the section `expect`. */
export const expectation = {
  fps: z
    .number()
    .gt(0)
    .max(1000)
    .optional()
    .meta({ $comment: 'frames per second' })
    .describe('Frame rate to which the encoder is set.'),
  video: z
    .boolean()
    .optional()
    .describe(
      'Whether the stream has video. If false, no condition of the video is evaluated. Default: true.',
    ),
  bitrate: bitrate()
    .optional()
    .describe('Bit rate to which the encoder is set, such as 2500kbit or 2.5Mbit.'),
  fps_ratio: ratio()
    .optional()
    .describe(
      'A sample whose frame rate is below this ratio of fps is degraded. Default: that of defaults.expect.',
    ),
  bitrate_ratio: ratio()
    .optional()
    .describe(
      'A sample whose bit rate is below this ratio of bitrate is degraded. Default: that of defaults.expect.',
    ),
  live: z
    .union([z.boolean(), z.array(Slot).min(1)], { error: 'expected true, false or a list of time slots' })
    .optional()
    .describe(
      'When the stream is expected to be live: always (true), never (false), or in time slots. If this key is not set, the stream is never reported as missing.',
    ),
};

export const DefaultExpect = section({
  ...expectation,
  fps_ratio: ratio()
    .default(0.8)
    .describe('A sample whose frame rate is below this ratio of fps is degraded.'),
  bitrate_ratio: ratio()
    .default(0.5)
    .describe('A sample whose bit rate is below this ratio of bitrate is degraded.'),
}).describe('Expected properties of every stream that does not override them.');
