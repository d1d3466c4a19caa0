import type { PushSample } from '../../model/push-sample.ts';
import type { ApiBehavior } from '../scenario/scenario.ts';
import { toRow } from './rows.ts';

/** Body of every response of the API family. Source: a documented response and two typed clients show these five keys. */
export interface Envelope {
  readonly errmsg: string;
  readonly message: string;
  readonly output?: unknown;
  readonly ret: number;
  readonly retcode: number;
}

const success = { errmsg: '', message: 'query data successfully', ret: 0, retcode: 0 };

/** Returns the response with these samples. Not documented: the shape of an empty response; `behavior` selects it. */
export function toHistoryEnvelope(samples: readonly PushSample[], behavior: ApiBehavior): Envelope {
  const { empty, output } = behavior;
  if (samples.length > 0 || empty === 'list') {
    return { ...success, output: outputs[output](samples.map((sample) => toRow(sample, behavior))) };
  }
  if (empty === 'absent') return success;
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
export function toFailureEnvelope(code: number, text: string, { failuresIn }: ApiBehavior): Envelope {
  return {
    errmsg: failuresIn === 'ret' ? '' : text,
    message: failuresIn === 'retcode' ? '' : text,
    ret: failuresIn === 'retcode' ? 0 : code,
    retcode: failuresIn === 'ret' ? 0 : code,
  };
}
