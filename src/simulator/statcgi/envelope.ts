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
  if (samples.length > 0 || behavior.empty === 'list') {
    const rows = samples.map((sample) => toRow(sample, behavior));
    return { ...success, output: toOutput(rows, behavior.output) };
  }
  switch (behavior.empty) {
    case 'null':
      return { ...success, output: null };
    case 'absent':
      return success;
    case 'code':
      return { ...toFailureEnvelope(10_003, 'query data is empty', behavior), output: null };
    default:
      return behavior.empty satisfies never;
  }
}

/** Not documented: which of the two code fields and the two text fields a failure sets; `failuresIn` selects them. */
export function toFailureEnvelope(code: number, text: string, { failuresIn }: ApiBehavior): Envelope {
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
