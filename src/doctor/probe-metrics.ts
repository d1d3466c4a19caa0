import type { PushSample } from '../model/push-sample.ts';
import type { PushMetricsSource } from '../model/questions.ts';
import type { StreamId } from '../model/stream.ts';
import { type Clock, hourMs, minuteMs } from '../model/time.ts';
import type { MeasuredStream, Outcome } from './probe-parts.ts';
import { answeredResult } from './result.ts';

/** Length in ms of the time range of the request: that of the history with which it is compared. */
const windowMs = hourMs;

/** Returns a live stream and the domain of its newest sample. */
export function measuredStream(
  { domain, appName, stream }: StreamId,
  newest: PushSample | undefined,
): MeasuredStream {
  return { domain, appName, stream, pushDomain: newest?.media?.pushDomain ?? domain };
}

/** Requests the bit rates of a stream whose unit is documented, for the comparison with other operations. */
export async function probeMetrics(
  source: PushMetricsSource,
  clock: Clock,
  stream: MeasuredStream,
  signal: AbortSignal,
): Promise<Outcome> {
  const to = clock.now();
  const from = Math.floor((to - windowMs) / minuteMs) * minuteMs;
  const answer = await source.listMinuteRates(stream, { from, to }, signal);
  const { items: minutes, isConsistent } = answer;
  return { result: answeredResult(answer, { reference: { minutes, isConsistent } }) };
}
