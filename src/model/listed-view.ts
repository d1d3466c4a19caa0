import { conditions, type Expectation, hasCondition } from './expectation.ts';
import { type LivePush, livePush } from './live-push.ts';
import type { PushMedia } from './push-media.ts';
import type { PushSample } from './push-sample.ts';
import { isAhead, isKnown, type PushView } from './push-view.ts';
import { beginOfState } from './state-begin.ts';
import type { PushTarget } from './target.ts';
import { type EpochMs, secondMs } from './time.ts';

/** What a complete list of live pushes, and the lists before it, show of one stream. */
export interface Listing {
  /** Wall time at which the list was requested (epoch ms). */
  readonly requestedAt: EpochMs;
  /**
   * Time whose state the list shows (epoch ms): its time of measurement, or `requestedAt` if it has none.
   */
  readonly listedAt: EpochMs;
  /** Whether the list has a time of measurement. */
  readonly hasTimes: boolean;
  /** Pushes of the stream in the list; empty if the list does not contain the stream. */
  readonly pushes: readonly PushSample[];
  /** Time of the previous complete list if it contained the stream; undefined otherwise. */
  readonly listedBeforeAt: EpochMs | undefined;
  /**
   * Time of the first list without the stream after the last list with it; undefined if the newest list
   * contains the stream, or none did.
   */
  readonly goneAt: EpochMs | undefined;
}

export interface ListedResult {
  /** New state of the stream; undefined if the list does not change it. */
  readonly view: PushView | undefined;
  /** Whether the history of the stream should be requested before that of other streams. */
  readonly isUrgent: boolean;
}

const unchanged: ListedResult = { view: undefined, isUrgent: false };

/**
 * Returns the change of the state of a stream by a list of live pushes. The provider documents neither the
 * times of the values in a list nor how late the list is, so a list alone does not contradict history:
 *
 * - An answer of history that was requested after the time of the list wins, until it expires.
 * - If history has shown that the stream is not live, the list shows it as live only if the push began
 *   afterwards, or if a second list requested after the history contains it.
 * - A stream that is missing in the list is not live only if an earlier list contained it, two consecutive
 *   lists do not contain it, and history requested since the first of these two does not show that it is
 *   live. An answer of history that leaves the state open does not prevent this: with long intervals, history
 *   alone often cannot tell the end of one stream from a provider that is late.
 *
 * In the first case of doubt, the result is urgent, so that history decides. `before` is the present state.
 * `ttlMs` is the lifetime of the new state.
 */
export function viewAfterList(
  target: PushTarget,
  before: PushView | undefined,
  listing: Listing,
  ttlMs: number,
): ListedResult {
  const { listedAt, requestedAt } = listing;
  const isOlder = before !== undefined && before.answeredAt > listedAt && !isAhead(before, requestedAt);
  if (isOlder && (listedAt === requestedAt || isKnown(before, requestedAt))) return unchanged;
  return listing.pushes.length > 0
    ? viewOfLive(target, before, listing, ttlMs)
    : viewOfMissing(target, before, listing, ttlMs);
}

function viewOfLive(
  target: PushTarget,
  before: PushView | undefined,
  listing: Listing,
  ttlMs: number,
): ListedResult {
  const { requestedAt, listedAt, pushes, listedBeforeAt = Number.NEGATIVE_INFINITY } = listing;
  const known = before !== undefined && isKnown(before, requestedAt) ? before : undefined;
  const isEnded = known !== undefined && known.live === undefined && known.isListed !== true;
  if (isEnded) {
    const isNewPush = pushes.some(({ media }) => (media?.beganAt ?? 0) > known.answeredAt);
    if (!isNewPush && listedBeforeAt <= known.answeredAt) return { view: undefined, isUrgent: true };
  }
  const samples = pushes.map((sample) => withKnownMedia(sample, before?.live));
  // All samples have the time of the list, which can be later than `listedAt`: a list waits for its rate
  // limit.
  const live = livePush(before?.live, samples, samples[0]?.measuredAt ?? listedAt, target);
  const { expectation } = target;
  // A discovered stream without an answer has priority anyway.
  const isFirst = known?.live === undefined && !(target.isDiscovered && before === undefined);
  const isUrgent = isFirst || (isBelow(live, expectation) && !isBelow(known?.live, expectation));
  return { view: listedView(before, live, listing, ttlMs, expectation), isUrgent };
}

function viewOfMissing(
  { expectation }: PushTarget,
  before: PushView | undefined,
  listing: Listing,
  ttlMs: number,
): ListedResult {
  const { listedAt, goneAt } = listing;
  if (goneAt === undefined) return unchanged;
  if (goneAt === listedAt) return { view: undefined, isUrgent: before?.live !== undefined };
  const history = before?.isListed === true ? undefined : before;
  const isLive = history?.live !== undefined && history.answeredAt >= goneAt;
  const isEnded = history?.live === undefined && history?.isUnknown === false;
  const isDecided = isLive || isEnded;
  if (isDecided) return unchanged;
  return { view: listedView(before, undefined, listing, ttlMs, expectation), isUrgent: false };
}

function listedView(
  before: PushView | undefined,
  live: LivePush | undefined,
  { requestedAt, listedAt, hasTimes }: Listing,
  ttlMs: number,
  expectation: Expectation,
): PushView {
  const begin = beginOfState(before, { live, isUnknown: false, answeredAt: listedAt }, expectation);
  return {
    live,
    isUnknown: false,
    isListed: true,
    ...(hasTimes && { hasTimes }),
    watermark: before?.watermark,
    answeredAt: listedAt,
    expiresAt: requestedAt + ttlMs,
    since: begin.since,
    isSinceFirst: begin.isSinceFirst,
  };
}

/**
 * Reports whether an answer of history replaces the present state of a stream. A list that was requested
 * later wins. An answer that leaves the state open does not replace a list that shows it.
 */
export function replacesListed(history: PushView, present: PushView | undefined, now: EpochMs): boolean {
  if (present?.isListed !== true) return true;
  if (present.answeredAt > history.answeredAt) return isAhead(present, now);
  return !(history.isUnknown && isKnown(present, now));
}

/**
 * Returns the sample with values of the same push that only history has: its keyframe interval, and its exact
 * start. Without them, the series would change with each change between list and history.
 */
function withKnownMedia(sample: PushSample, before: LivePush | undefined): PushSample {
  const { media, clientIp } = sample;
  if (before === undefined || media?.beganAt === undefined) return sample;
  const same = [before.followed, ...before.others].find((other) => other.clientIp === clientIp)?.media;
  if (same?.beganAt === undefined || Math.abs(same.beganAt - media.beganAt) >= secondMs) return sample;
  const merged: PushMedia = {
    ...media,
    beganAt: same.beganAt,
    keyframeIntervalMs: media.keyframeIntervalMs ?? same.keyframeIntervalMs,
  };
  return { ...sample, media: merged };
}

/** Reports whether the followed publisher meets a condition, such as a low frame rate. */
function isBelow(live: LivePush | undefined, expectation: Expectation): boolean {
  return live !== undefined && conditions.some((each) => hasCondition(each, live.followed, expectation));
}
