import { compilePattern, type NameMatcher } from './name-pattern.ts';
import { newPushRecord, type PushRecord, skipTo } from './push-record.ts';
import type { HistoryLimits, OnlineStream } from './questions.ts';
import { streamKey } from './stream.ts';
import { type DiscoveryTarget, type PushTarget, pushTargetKeyOf, totalLookbackMs } from './target.ts';
import { retentionMarginMs, wholeSecond } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/**
 * Creates the record of an application whose live streams are discovered since `now`. It is the push record of the
 * stream with the empty name, which no provider has, and it counts nothing. So it needs no rows of its own in the
 * state file.
 */
export function newDiscoveryRecord(target: DiscoveryTarget, now: EpochMs): PushRecord {
  return newPushRecord(discoveredTarget(target, ''), now);
}

/** Returns the start of the time that counts for all streams of the application (epoch ms). */
export function countedSince({ target }: PushRecord): EpochMs {
  return target.floor;
}

/** Returns the push target of a stream that was listed as live. */
export function discoveredTarget(
  { account, provider, domain, appName, push }: DiscoveryTarget,
  stream: string,
): PushTarget {
  return { stream: { account, provider, domain, appName, stream }, ...push, isDiscovered: true };
}

/** What is known about a stream that is listed as live and was not a target before. */
export interface Discovered {
  readonly target: PushTarget;
  readonly online: OnlineStream;
  /** Start of the time that counts for all streams of the application (epoch ms). */
  readonly since: EpochMs;
  /** Time of the last list, without the stream; undefined if this is the first one (epoch ms). */
  readonly listedAt: EpochMs | undefined;
}

/**
 * Creates the record of a stream that was listed as live at `now`, or resumes `known`. Its samples count from the begin
 * of its push on, as far as the provider retains them, but not from before `since`. The time between two pushes of a
 * stream is no gap. The time of a push during which the application was not in the config is a gap.
 */
export function startOrResumeDiscovered(
  known: PushRecord | undefined,
  { target, online, since, listedAt }: Discovered,
  limits: HistoryLimits,
  now: EpochMs,
): PushRecord {
  const lookbackMs = totalLookbackMs(target);
  const beganAt = online.firstStartedAt ?? listedAt ?? now;
  const from = Math.max(wholeSecond(Math.min(beganAt, now) - lookbackMs), since);
  if (known === undefined) {
    const retained = now - limits.retentionMs + 2 * retentionMarginMs;
    return newPushRecord(target, Math.max(from, retained) + lookbackMs);
  }
  if (known.frozenAt === undefined) return known;
  const gapMs = Math.max(0, from - Math.max(known.target.watermark, beganAt));
  return { ...skipTo(known, target, limits, { at: from, gapMs }), frozenAt: undefined };
}

/** Returns the key of an application, which is also the key of its record. */
export function discoveryKey({ account, provider, domain, appName }: DiscoveryTarget): string {
  return pushTargetKeyOf(streamKey({ account, provider, domain, appName, stream: '' }));
}

/** Returns the part that the keys of all streams of an application have in common. */
export function streamPrefix(target: DiscoveryTarget): string {
  return discoveryKey(target).slice(0, -'""]'.length);
}

/** Returns the name of the stream in the key of its target. */
export function nameInKey(key: string, prefix: string): string {
  return String(JSON.parse(key.slice(prefix.length, -1)));
}

/** Compiles the filter of an application. */
export function matcherOf({ filter: { include, exclude } }: DiscoveryTarget): NameMatcher {
  const isIncluded = compilePattern(include);
  if (exclude === '') return isIncluded;
  const isExcluded = compilePattern(exclude);
  return (name) => isIncluded(name) && !isExcluded(name);
}
