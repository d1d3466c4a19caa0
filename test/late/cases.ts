import { tokenSpacingMs } from '../../src/model/effective-interval.ts';
import { type LateStream, pollLate, type Shown, visibleTotals } from '../support/late-provider.ts';
import { noon } from '../support/samples.ts';
import type { Outcome } from './verdict.ts';

const hourMs = 3_600_000;
const gridMs = 5000;

/** Simulated stream, with the totals that do not follow from its samples. */
export interface CaseStream extends LateStream {
  /** How late the provider delivers the samples, in ms. */
  readonly delayMs: number;
  /** Expected values of the counters. 0 by default. */
  readonly missingMs?: number;
  readonly sessions?: number;
}

/** Streams of one account that are polled for a simulated time. */
export interface LateCase {
  readonly name: string;
  readonly streams: readonly CaseStream[];
  readonly hours: number;
  /** Whether `livestream_push_up` must not be 0 while a stream is live. */
  readonly judgesDown: boolean;
}

/** Returns all cases. `hours` is the simulated time of the cases with a fixed delay. */
export function lateCases(hours: number): LateCase[] {
  return [
    ...[5, 45, 90, 300, 900].flatMap((delayS) => delayCases(delayS, hours)),
    ...[30, 90, 200, 400, 600].flatMap((backlogS) => backlogCases(backlogS)),
    // The rechecks at the age of 16 h start late, so the share of rechecks needs a day to reach its normal value.
    {
      name: '900 of the streams offline',
      streams: Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? live(5000) : offline(i))),
      hours: 2 * hours,
      judgesDown: true,
    },
  ];
}

function delayCases(delayS: number, hours: number): LateCase[] {
  const name = `delay ${delayS} s`;
  const delayMs = delayS * 1000;
  const stopping = (share: number) => stopped(delayMs, (0.2 + 0.5 * share) * hours);
  const many = Array.from({ length: 200 }, (_, i) => (i % 10 === 5 ? stopping(i / 200) : live(delayMs)));
  return [
    { name, streams: [live(delayMs)], hours, judgesDown: true },
    { name: `${name}, stops for 1 h`, streams: [stopping(0)], hours, judgesDown: true },
    { name: `${name}, a tenth stops for 1 h`, streams: many, hours, judgesDown: true },
  ];
}

function backlogCases(backlogS: number): LateCase[] {
  const name = `backlog ${backlogS} s`;
  const late = backlog(backlogS * 1000);
  const hours = 6;
  return [
    // A single late stream looks like a stream that is not pushed.
    { name, streams: [late], hours, judgesDown: false },
    { name, streams: Array.from({ length: 200 }, () => late), hours, judgesDown: true },
    {
      name: `${name} of one stream`,
      streams: Array.from({ length: 200 }, (_, i) => (i === 100 ? late : live(5000))),
      hours,
      judgesDown: false,
    },
  ];
}

function live(delayMs: number): CaseStream {
  return { delayMs, visibleAt: (at) => at + delayMs };
}

/** Returns a stream that is not pushed for an hour. */
function stopped(delayMs: number, afterHours: number): CaseStream {
  const from = noon + Math.round((afterHours * hourMs) / gridMs) * gridMs;
  const to = from + hourMs;
  return { ...live(delayMs), isLive: (at) => at < from || at >= to, missingMs: hourMs, sessions: 1 };
}

/** Returns a stream whose samples appear all at once every two hours, after nothing has appeared for `backlogMs`. */
function backlog(backlogMs: number): CaseStream {
  const everyMs = 2 * hourMs;
  return {
    delayMs: 5000,
    visibleAt: (at) => {
      const phase = (at - noon - hourMs) % everyMs;
      return phase >= 0 && phase < backlogMs ? at - phase + backlogMs : at + 5000;
    },
  };
}

/** Returns an offline stream. One in a hundred was live for ten minutes, and its samples appear five hours later. */
function offline(i: number): CaseStream {
  const from = noon + 4 * hourMs;
  const wasLive = i % 100 === 1;
  return {
    delayMs: 5 * hourMs,
    isExpected: false,
    isLive: (at) => wasLive && at >= from && at < from + hourMs / 6,
    visibleAt: (at) => at + 5 * hourMs,
  };
}

/** Polls the streams of a case, and compares the result with the truth. */
export async function runCase({ name, streams, hours, judgesDown }: LateCase): Promise<Outcome> {
  const spacingMs = tokenSpacingMs(20);
  const polled = await pollLate({ streams, hours, spacingMs });
  const { records, shown, polledAt, requests, rechecks } = polled;
  const roundMs = Math.max(5000, 1.2 * streams.length * spacingMs);
  let rightAfterMs = 0;
  let falseDowns = 0;
  const compared = streams.map((stream, i) => {
    const totals = records[i]?.push.totals;
    if (totals === undefined) throw new Error(`no totals of stream ${i}`);
    const states = shown[i] ?? [];
    rightAfterMs = Math.max(rightAfterMs, rightAfter(stream, states));
    falseDowns += falseDownsOf(stream, states, hours * hourMs, roundMs);
    const { samples, milliframes, missingMs, sessions } = totals;
    return {
      counted: { samples, milliframes, missingMs, sessions },
      truth: {
        ...visibleTotals(stream, polledAt[i] ?? Number.NaN),
        missingMs: stream.missingMs ?? 0,
        sessions: stream.sessions ?? 0,
      },
    };
  });
  return { name, streams: compared, rightAfterMs, falseDowns, judgesDown, requests, rechecks };
}

/** Returns the time from the start to the first right state, in ms. */
function rightAfter({ isLive = () => true }: CaseStream, states: readonly Shown[]): number {
  const wanted = isLive(noon) ? 'up' : 'down';
  return states.find(({ up }) => up === wanted)?.at ?? Number.POSITIVE_INFINITY;
}

/**
 * Returns how often a stream was shown as down although the newest sample that the provider had to deliver shows it as
 * live. Also counts a stream that stays down for more than a round of polls after a sample has appeared.
 */
function falseDownsOf(
  { delayMs, isLive = () => true }: CaseStream,
  states: readonly Shown[],
  endMs: number,
  roundMs: number,
): number {
  const isLiveAt = (at: number) => isLive(Math.floor((noon + at - delayMs) / gridMs) * gridMs);
  return states.filter(({ at, up }, i) => {
    if (up !== 'down') return false;
    const until = states[i + 1]?.at ?? endMs;
    return isLiveAt(at) || isLiveAt(until - roundMs);
  }).length;
}
