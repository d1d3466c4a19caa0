import type { LivePush } from './live-push.ts';
import type { EpochMs } from './time.ts';

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
