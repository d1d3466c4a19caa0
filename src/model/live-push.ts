import { type Freshness, freshMs, maxPublishers, type PushSample } from './push-sample.ts';
import { futureToleranceMs } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/** Live publishers (encoders) of a stream in its last answer, each with its newest fresh sample. */
export interface LivePush {
  /**
   * Newest fresh sample of the followed publisher, which is the one publisher that series with a single
   * publisher show.
   */
  readonly followed: PushSample;
  /** Samples of the other live publishers, newest first: at most `maxPublishers` - 1. */
  readonly others: readonly PushSample[];
  /** Number of further live publishers, whose samples are left out. Absent if there are none. */
  readonly dropped?: number;
}

/** Empty list of other publishers. All answers share this object, because most streams have one publisher. */
const noOthers: LivePush['others'] = [];

/**
 * Returns the live publishers of an answer that was requested at `now` (wall clock). A sample is fresh if it
 * is young enough by `freshness`. Returns undefined if the answer contains no fresh sample, which means that nobody
 * pushes the stream. The publisher that was followed in `previous` stays followed while it has a fresh
 * sample. If there are more than `maxPublishers`, publishers in `previous` take precedence over others, so
 * that the series do not change with every answer.
 */
export function livePush(
  previous: LivePush | undefined,
  samples: readonly PushSample[],
  now: EpochMs,
  freshness: Freshness,
): LivePush | undefined {
  const isFresh = ({ measuredAt, periodMs }: PushSample) =>
    measuredAt >= now - freshMs(freshness, periodMs) && measuredAt <= now + futureToleranceMs;
  const first = samples.find(isFresh);
  if (first === undefined) return undefined;
  const publishers = [first];
  /** Index of each publisher by address. undefined while the publishers are few. */
  let indexes: Map<string | undefined, number> | undefined;
  for (const sample of samples) {
    if (!isFresh(sample)) continue;
    // Search a few publishers linearly, because nearly all streams have one.
    const index = indexes
      ? (indexes.get(sample.clientIp) ?? -1)
      : publishers.findIndex(({ clientIp }) => clientIp === sample.clientIp);
    const known = publishers[index];
    if (known !== undefined) {
      if (sample.measuredAt >= known.measuredAt) publishers[index] = sample;
      continue;
    }
    publishers.push(sample);
    if (indexes) indexes.set(sample.clientIp, publishers.length - 1);
    else if (publishers.length > maxPublishers) indexes = indexesOf(publishers);
  }
  if (publishers.length === 1) return { followed: publishers[0] ?? first, others: noOthers };
  publishers.sort(newestFirst);
  const [newest = first, older] = publishers;
  if (publishers.length === 2 && older !== undefined) {
    const named = withAddressOf(newest, older);
    if (named !== undefined) return { followed: named, others: noOthers };
  }
  const before = previous?.followed;
  const followed = publishers.find(({ clientIp }) => clientIp === before?.clientIp) ?? publishers[0] ?? first;
  const others = publishers.filter((sample) => sample !== followed);
  const dropped = publishers.length - maxPublishers;
  return dropped > 0 ? { followed, others: limited(others, previous), dropped } : { followed, others };
}

/** Returns the time of the newest sample of all live publishers. */
export function newestOf({ followed, others }: LivePush): EpochMs {
  return others.reduce((newest, { measuredAt }) => Math.max(newest, measuredAt), followed.measuredAt);
}

/** Returns the number of live publishers, including those whose samples are left out. */
export function publisherCount({ others, dropped = 0 }: LivePush): number {
  return 1 + others.length + dropped;
}

function newestFirst(a: PushSample, b: PushSample): number {
  return b.measuredAt - a.measuredAt;
}

function indexesOf(publishers: readonly PushSample[]): Map<string | undefined, number> {
  return new Map(publishers.map(({ clientIp }, index) => [clientIp, index]));
}

/** Returns as many samples as a view has for other publishers: those in `previous`, then the newest. */
function limited(others: readonly PushSample[], previous: LivePush | undefined): readonly PushSample[] {
  const shown = new Set([previous?.followed, ...(previous?.others ?? [])].map((sample) => sample?.clientIp));
  const isShown = ({ clientIp }: PushSample) => shown.has(clientIp);
  const inOrder = [...others.filter(isShown), ...others.filter((sample) => !isShown(sample))];
  return inOrder.slice(0, maxPublishers - 1).sort(newestFirst);
}

/**
 * Returns the newest of two samples with its address if both can be from one publisher, whose address the
 * provider omitted from one of them. Returns undefined if both addresses are known, or if the samples cover
 * the same time, as samples of simultaneous publishers do.
 */
function withAddressOf(newest: PushSample, older: PushSample): PushSample | undefined {
  if (older.measuredAt > newest.measuredAt - newest.periodMs) return undefined;
  if (older.clientIp === undefined) return newest;
  if (newest.clientIp !== undefined) return undefined;
  return { ...newest, clientIp: older.clientIp, serverIp: newest.serverIp ?? older.serverIp };
}
