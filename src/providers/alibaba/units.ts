import { isPlausibleBps, minImplausibleSamples, plausibleBps } from '../../model/plausible-bitrate.ts';
import type { PushSample } from '../../model/push-sample.ts';

/** Unit of the bit rates in the rows of an operation: bit/s, byte/s or kbit/s. */
export const bitrateUnits = ['bit', 'byte', 'kbit'] as const;

export type BitrateUnit = (typeof bitrateUnits)[number];

/** Number of bits per second that the number 1 means, by unit. */
export const bitsPerUnit: Readonly<Record<BitrateUnit, number>> = { bit: 1, byte: 8, kbit: 1_000 };

/**
 * Default units. The pages of DescribeLiveCenterStreamRateData name none; the video bit rate of their
 * example, 1953584, can only be bit/s. For DescribeLiveDomainFrameRateAndBitRateData, the Chinese and the
 * newest English page say Bps, earlier English ones bit/s; the bit rate of the example, 30693.96 with 24.9
 * frames/s, is plausible only as byte/s.
 */
const defaultUnits: Readonly<Record<string, BitrateUnit>> = {
  DescribeLiveCenterStreamRateData: 'bit',
  DescribeLiveDomainFrameRateAndBitRateData: 'byte',
};

/** Returns the unit of the bit rates in the rows of an operation. `units` are those of the config. */
export function unitOf(operation: string, units: Readonly<Record<string, BitrateUnit>>): BitrateUnit {
  return units[operation] ?? defaultUnits[operation] ?? 'bit';
}

/** Returns the number of bits per second that the number 1 means in the rows of an operation. */
export function bitsPerUnitOf(operation: string, units: Readonly<Record<string, BitrateUnit>>): number {
  return bitsPerUnit[unitOf(operation, units)];
}

/** Reports whether the bit rates of a stream with video look as if their unit were wrong. */
export function hasWrongUnit(samples: Iterable<PushSample>): boolean {
  let count = 0;
  for (const { framesPerSecond = 0, bitsPerSecond = 0 } of samples) {
    // The provider can send 0 for a value that it does not know.
    if (framesPerSecond === 0 || bitsPerSecond === 0) continue;
    if (isPlausibleBps(bitsPerSecond)) return false;
    count++;
  }
  return count >= minImplausibleSamples;
}

/** Returns the warning for bit rates whose unit looks wrong. */
export function unitWarning(operation: string): string {
  return (
    `the bit rates of a live stream are below ${plausibleBps.min / 1_000} kbit/s or above ${plausibleBps.max / 1e6} Mbit/s, ` +
    `so their unit is probably wrong: set bitrate_unit: {${operation}: bit | byte | kbit} of the account`
  );
}
