import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, hourMs, secondMs } from '../../model/time.ts';
import type { ApiBehavior } from '../scenario/scenario.ts';

/** The body of every answer of the family: a documented one and two typed clients show these five keys. */
export interface Envelope {
  readonly errmsg: string;
  readonly message: string;
  readonly output?: unknown;
  readonly ret: number;
  readonly retcode: number;
}

const success = { errmsg: '', message: 'query data successfully', ret: 0, retcode: 0 };

/** The answer with these samples. How it says "none" is one of the manners. */
export function toAnswer(samples: readonly PushSample[], behavior: ApiBehavior): Envelope {
  if (samples.length > 0 || behavior.empty === 'list') {
    return {
      ...success,
      output: toOutput(
        samples.map((sample) => toRow(sample, behavior)),
        behavior.output,
      ),
    };
  }
  switch (behavior.empty) {
    case 'null':
      return { ...success, output: null };
    case 'absent':
      return success;
    case 'code':
      return { ...toFailure(10_003, 'query data is empty', behavior), output: null };
    default:
      return behavior.empty satisfies never;
  }
}

/** No document says which of the two codes and of the two texts a failure fills. */
export function toFailure(code: number, text: string, { failuresIn }: ApiBehavior): Envelope {
  return {
    errmsg: failuresIn === 'ret' ? '' : text,
    message: failuresIn === 'retcode' ? '' : text,
    ret: failuresIn === 'retcode' ? 0 : code,
    retcode: failuresIn === 'ret' ? 0 : code,
  };
}

function toOutput(rows: readonly unknown[], shape: ApiBehavior['output']): unknown {
  switch (shape) {
    case 'object':
      return { stream_info: rows };
    case 'array':
      return [{ stream_info: rows }];
    case 'rows':
      return rows;
    case 'text':
      return JSON.stringify({ stream_info: rows });
    default:
      return shape satisfies never;
  }
}

function toRow(sample: PushSample, { time, numbers }: ApiBehavior): unknown {
  const toNumber = (value: number | undefined) => (numbers === 'string' ? String(value) : value);
  return {
    time: toTime(sample.measuredAt, time),
    client_ip: sample.clientIp,
    server_ip: sample.serverIp,
    fps: toNumber(sample.framesPerSecond),
    speed: toNumber(sample.bitsPerSecond),
  };
}

function toTime(at: EpochMs, shape: ApiBehavior['time']): string | number {
  const seconds = Math.floor(at / secondMs);
  switch (shape) {
    case 'naive':
      return beijingWallClock(at).replace('T', ' ');
    case 'iso':
      return `${beijingWallClock(at)}+08:00`;
    case 'epoch':
      return seconds;
    case 'epoch_ms':
      return seconds * secondMs;
    case 'digits':
      return String(seconds);
    default:
      return shape satisfies never;
  }
}

/** The times in the documents of the family are those of UTC+8. */
function beijingWallClock(at: EpochMs): string {
  return new Date(at + 8 * hourMs).toISOString().slice(0, 19);
}
