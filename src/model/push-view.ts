import type { LivePush } from './live-push.ts';
import { type EpochMs, minuteMs } from './time.ts';

/** What is known of one stream right now: the gauges. It need not be saved, since the next answer brings it anew. */
export interface PushView {
  /** undefined: an answer came, and it held no fresh sample. */
  readonly live: LivePush | undefined;
  /** The target's watermark. */
  readonly watermark: EpochMs;
  /** When the answer was asked for. */
  readonly answeredAt: EpochMs;
  /** Without another answer by then, nothing is known any more. */
  readonly unknownAt: EpochMs;
}

/** Whether the view still says something at `now`: until it is too old, or the wall clock was set back behind it. */
export function isKnown({ answeredAt, unknownAt }: PushView, now: EpochMs): boolean {
  return now < unknownAt && now >= answeredAt - minuteMs;
}
