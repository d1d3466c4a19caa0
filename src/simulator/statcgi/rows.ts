import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, hourMs, secondMs } from '../../model/time.ts';
import type { ApiBehavior } from '../scenario/scenario.ts';

/** Returns a sample as a row of the response; `speed` is in bit/s. */
export function toRow(sample: PushSample, { time, numbers }: ApiBehavior): unknown {
  const toNumber = (value: number | undefined) => (numbers === 'string' ? String(value) : value);
  return {
    time: toTime(sample.measuredAt, time),
    client_ip: sample.clientIp,
    server_ip: sample.serverIp,
    fps: toNumber(sample.framesPerSecond),
    speed: toNumber(sample.bitsPerSecond),
  };
}

function toTime(at: EpochMs, format: ApiBehavior['time']): string | number {
  const seconds = Math.floor(at / secondMs);
  switch (format) {
    case 'naive':
      return toBeijingTime(at).replace('T', ' ');
    case 'iso':
      return `${toBeijingTime(at)}+08:00`;
    case 'epoch':
      return seconds;
    case 'epoch_ms':
      return seconds * secondMs;
    case 'digits':
      return String(seconds);
    default:
      return format satisfies never;
  }
}

/** Returns the wall-clock time in UTC+8, the time zone of all documented responses of the API family. */
function toBeijingTime(at: EpochMs): string {
  return new Date(at + 8 * hourMs).toISOString().slice(0, 19);
}
