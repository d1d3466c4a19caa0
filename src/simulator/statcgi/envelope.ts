import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, hourMs, secondMs } from '../../model/time.ts';
import type { ApiBehavior } from '../scenario/scenario.ts';

/** Source of the five keys of every response of the API family: a documented response and two typed clients. */
const success = { errmsg: '', message: 'query data successfully', ret: 0, retcode: 0 };

/** Returns the response with these samples. Not documented: the shape of an empty response; `behavior` selects it. */
export function toHistoryEnvelope(samples: readonly PushSample[], behavior: ApiBehavior) {
  const { empty, output } = behavior;
  if (samples.length > 0 || empty === 'list') {
    return { ...success, output: outputs[output](samples.map((sample) => toRow(sample, behavior))) };
  }
  if (empty === 'absent') return { ...success, output: undefined };
  const envelope = empty === 'null' ? success : toFailureEnvelope(10_003, 'query data is empty', behavior);
  return { ...envelope, output: null };
}

/** Not documented: the shape of the output. The sources disagree; `behavior` selects it. */
const outputs: Readonly<Record<ApiBehavior['output'], (rows: readonly unknown[]) => unknown>> = {
  object: (rows) => ({ stream_info: rows }),
  array: (rows) => [{ stream_info: rows }],
  rows: (rows) => rows,
  text: (rows) => JSON.stringify({ stream_info: rows }),
};

/** Not documented: which of the two code fields and the two text fields a failure sets; `failuresIn` selects them. */
export function toFailureEnvelope(code: number, text: string, { failuresIn }: ApiBehavior) {
  return {
    errmsg: failuresIn === 'ret' ? '' : text,
    message: failuresIn === 'retcode' ? '' : text,
    ret: failuresIn === 'retcode' ? 0 : code,
    retcode: failuresIn === 'ret' ? 0 : code,
  };
}

/** Returns a sample as a row of the response; `speed` is in bit/s. */
function toRow(sample: PushSample, { time, numbers }: ApiBehavior): unknown {
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
