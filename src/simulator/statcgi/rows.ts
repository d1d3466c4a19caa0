import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, hourMs, secondMs } from '../../model/time.ts';
import type { ApiBehavior } from '../scenario/scenario.ts';

/** Returns a sample as a row of the response; `speed` is in bit/s. */
export function toRow(sample: PushSample, { time, numbers }: ApiBehavior): unknown {
  const toNumber = (value: number | undefined) => (numbers === 'string' ? String(value) : value);
  return {
    time: times[time](sample.measuredAt),
    client_ip: sample.clientIp,
    server_ip: sample.serverIp,
    fps: toNumber(sample.framesPerSecond),
    speed: toNumber(sample.bitsPerSecond),
  };
}

const times: Readonly<Record<ApiBehavior['time'], (at: EpochMs) => string | number>> = {
  naive: (at) => toBeijingTime(at).replace('T', ' '),
  iso: (at) => `${toBeijingTime(at)}+08:00`,
  epoch: (at) => Math.floor(at / secondMs),
  epoch_ms: (at) => Math.floor(at / secondMs) * secondMs,
  digits: (at) => String(Math.floor(at / secondMs)),
};

/** Returns the wall-clock time in UTC+8, the time zone of all documented responses of the API family. */
function toBeijingTime(at: EpochMs): string {
  return new Date(at + 8 * hourMs).toISOString().slice(0, 19);
}
