import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, hourMs, secondMs } from '../../model/time.ts';
import type { ApiBehavior } from '../scenario/scenario.ts';

/**
 * Fields of a successful response besides `output`. Every response of this API family has these four fields.
 * Source: a documented response and two typed clients.
 */
const success = { errmsg: '', message: 'query data successfully', ret: 0, retcode: 0 };

/**
 * Returns the response body that lists `samples`. Not documented: the body of a response without samples. The
 * setting `behavior.empty` of the scenario determines it. The row of the sample `unfinished` has no time.
 */
export function toHistoryEnvelope(
  samples: readonly PushSample[],
  behavior: ApiBehavior,
  unfinished?: PushSample,
) {
  const { empty, output } = behavior;
  if (samples.length > 0 || empty === 'list') {
    const rows = samples.map((sample) => {
      const row = toRow(sample, behavior);
      return sample === unfinished ? { ...row, time: null } : row;
    });
    return { ...success, output: outputs[output](rows) };
  }
  if (empty === 'absent') return { ...success, output: undefined };
  const envelope = empty === 'null' ? success : toFailureEnvelope(10_003, 'query data is empty', behavior);
  return { ...envelope, output: null };
}

/**
 * Functions that convert the rows to the value of `output`, by the name of its shape. Not documented: which
 * shape the API uses, because the sources disagree. The setting `behavior.output` of the scenario determines
 * it.
 */
const outputs: Readonly<Record<ApiBehavior['output'], (rows: readonly unknown[]) => unknown>> = {
  object: (rows) => ({ stream_info: rows }),
  array: (rows) => [{ stream_info: rows }],
  rows: (rows) => rows,
  text: (rows) => JSON.stringify({ stream_info: rows }),
};

/**
 * Returns the response body of a failed request. Not documented: which of the code fields `ret` and `retcode`
 * and which of the text fields `message` and `errmsg` a failure sets. The setting `failuresIn` of the
 * scenario determines them.
 */
export function toFailureEnvelope(code: number, text: string, { failuresIn }: ApiBehavior) {
  return {
    errmsg: failuresIn === 'ret' ? '' : text,
    message: failuresIn === 'retcode' ? '' : text,
    ret: failuresIn === 'retcode' ? 0 : code,
    retcode: failuresIn === 'ret' ? 0 : code,
  };
}

/** Converts a sample to a row of the response. The field `speed` is the bit rate in bit/s. */
function toRow(sample: PushSample, { time, numbers }: ApiBehavior) {
  const toNumber = (value: number | undefined) =>
    numbers === 'string' && value !== undefined ? String(value) : value;
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

/**
 * Formats a time (wall clock, epoch ms) as date and time of day in UTC+8, such as `2024-01-15T08:00:00`. All
 * documented responses of this API family use UTC+8.
 */
function toBeijingTime(at: EpochMs): string {
  return new Date(at + 8 * hourMs).toISOString().slice(0, 19);
}
