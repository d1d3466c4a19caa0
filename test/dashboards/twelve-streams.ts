import type { Fleet } from '../support/fleet-history.ts';
import type { View } from './as-grafana.ts';

/** Returns minutes in ms. */
export const minutes = (count: number) => count * 60_000;
/** Time of the last scrape of the history (epoch ms). */
export const endMs = Math.floor(Date.now() / minutes(1)) * minutes(1);

/** Twelve streams of three accounts, with one of each trouble. */
export const fleet: Fleet = {
  streams: 12,
  accounts: 3,
  endMs,
  lengthMs: minutes(30),
  stepMs: 5_000,
  hasRules: true,
  incidents: [
    { is: (stream) => stream === 0, fromMs: -minutes(5), toMs: 1, kind: 'low_fps' },
    { is: (stream) => stream === 0, fromMs: -minutes(2), toMs: 1, kind: 'video_stall' },
    { is: (stream) => stream === 3, fromMs: -minutes(10), toMs: -minutes(8), kind: 'no_video' },
    { is: (stream) => stream === 4, fromMs: -minutes(6), toMs: 1, kind: 'missing' },
    { is: (stream) => stream === 6, fromMs: -minutes(4), toMs: 1, kind: 'forbidden' },
    { is: (stream) => stream === 9, fromMs: -minutes(7), toMs: 1, kind: 'flapping' },
    { is: (stream) => stream === 9, fromMs: -10_000, toMs: 1, kind: 'break' },
    // Requests of account-3 fail: streams 2, 5, 8 and 11.
    { is: (stream) => stream % 3 === 2, fromMs: -minutes(3), toMs: 1, kind: 'blind' },
  ],
};
/** The same fleet, whose exporter stopped 7 minutes before the end. */
export const stopped: Fleet = { ...fleet, downFromMs: -minutes(7) };

/** What Grafana shows: the whole history. */
export const view: View = { rangeSeconds: 1800, endSeconds: endMs / 1000, scrapeSeconds: 5 };

/** Last sample before a trouble that began at a scrape, in s: 8 s before the last scrape with a sample. */
export const lastSample = 13;

/**
 * Bad part of the windows of 5 min that end at each minute of the half hour. The exporter counts missing time
 * late, so the time since the last sample of a missing stream, and the 90 s of breaks of an interrupted one, are added.
 * The written history has missing time at once.
 */
export function badShare(): number {
  const windows = Array.from({ length: 31 }, (_, i) => [-minutes(i) - 290_000, -minutes(i)] as const);
  const isBad = (stream: number, at: number) =>
    (fleet.incidents ?? []).some(
      ({ is, kind, fromMs, toMs }) =>
        kind !== 'blind' && kind !== 'flapping' && is(stream) && at >= fromMs && at < toMs,
    );
  const open: Readonly<Record<number, number>> = { 4: 360 + lastSample, 6: 240 + lastSample, 9: 90 };
  let total = 0;
  for (let stream = 0; stream < fleet.streams; stream++) {
    let bad = 0;
    for (const [from, to] of windows)
      for (let at = from; at <= to; at += 10_000) if (isBad(stream, at)) bad += 10;
    total += bad / 5 + (open[stream] ?? 0);
  }
  const notCounted = Object.values(open).reduce((sum, seconds) => sum + seconds, 0);
  return total / ((fleet.streams * windows.length * 300) / 5 + notCounted);
}
