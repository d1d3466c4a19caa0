import { expect, test } from 'vitest';
import { hadBreak } from '../../src/model/push-breaks.ts';
import { minuteMs } from '../../src/model/time.ts';
import { noon, pushSample, samplesBetween } from '../support/samples.ts';

const minute = (at: number) => noon + at * minuteMs;
/** Samples of a push with a break of about two minutes that ends at 12:05. */
const broken = [...samplesBetween(minute(0), minute(3)), ...samplesBetween(minute(5), minute(8))];

test.each([
  { what: 'a break that ended at the time', samples: broken, from: minute(5), minMs: minuteMs, is: true },
  { what: 'an earlier break', samples: broken, from: minute(5) + 6_000, minMs: minuteMs, is: false },
  { what: 'a shorter break', samples: broken, from: minute(0), minMs: 3 * minuteMs, is: false },
  {
    what: 'the time after the last sample',
    samples: samplesBetween(minute(0), minute(3)),
    from: minute(2),
    minMs: 0.5 * minuteMs,
    is: false,
  },
  {
    what: 'a break of the own stream in which another stream has samples',
    samples: [
      ...samplesBetween(minute(0), minute(3)),
      pushSample({ measuredAt: minute(4), stream: 'other' }),
      ...samplesBetween(minute(5), minute(8)),
    ],
    from: minute(5),
    minMs: 1.5 * minuteMs,
    is: true,
  },
  { what: 'no samples', samples: [], from: minute(0), minMs: minuteMs, is: false },
])('a push with $what had a break: $is', ({ samples, from, minMs, is }) => {
  expect(hadBreak(samples, from, minMs)).toBe(is);
});
