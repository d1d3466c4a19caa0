import type { World } from '../../../src/simulator/world/world.ts';
import { delayMs } from './story.ts';

/** Of a stream that is pushed, all of them are there and above 0. */
const gauges = ['livestream_push_up', 'livestream_push_fps', 'livestream_push_bitrate_bps'];
const counters = ['samples', 'observed_seconds', 'frames', 'bytes'].map(
  (what) => `livestream_push_${what}_total`,
);

/** Looks at one scrape after the other. */
export function createWatch() {
  let shown = gauges.map(() => new Set<string>());
  let scrapes = 0;
  let flaps = 0;
  let oldestWatermarkMs: number | undefined;
  return {
    /** `now`: when it is late enough for every stream to have been asked about. */
    see(text: string, now: number | undefined) {
      scrapes++;
      const before = shown;
      shown = gauges.map(
        (gauge) => new Set([...valuesOf(text, gauge)].flatMap(([name, value]) => (value > 0 ? [name] : []))),
      );
      for (const [i, names] of before.entries()) flaps += names.difference(shown[i] ?? new Set()).size;
      if (now === undefined) return;
      const watermarks = valuesOf(text, 'livestream_push_watermark_timestamp_seconds').values();
      const oldestMs = now - 1_000 * watermarks.reduce((a, b) => Math.min(a, b), Infinity);
      oldestWatermarkMs = Math.max(oldestWatermarkMs ?? 0, oldestMs);
    },
    seen: () => ({ scrapes, flaps, oldestWatermarkMs, streamsUp: shown[0]?.size ?? 0 }),
  };
}

/**
 * A call sees what is visible when it arrives: at its watermark or later, so of the last samples before the watermark,
 * as many as are shown late, it may have seen some and not others.
 */
export function wrongStreams(world: World, text: string): readonly string[] {
  const watermarks = valuesOf(text, 'livestream_push_watermark_timestamp_seconds');
  const totals = counters.map((counter) => valuesOf(text, counter));
  return world.streams.flatMap(({ name }) => {
    const told = totals.map((total) => total.get(name)).join();
    const watermark = (watermarks.get(name) ?? 0) * 1_000;
    for (let lateMs = 0; lateMs <= delayMs; lateMs += 1_000) {
      const truth = world.truthOf(name, world.startedAt, watermark - lateMs + 1);
      const { samples, observedMs, milliframes, bytes } = truth;
      if (told === [samples, observedMs / 1_000, milliframes / 1_000, bytes].join()) return [];
    }
    return [`${name}: ${told} up to ${watermark}`];
  });
}

/** By stream. */
function valuesOf(text: string, family: string): ReadonlyMap<string, number> {
  const lines = text.matchAll(new RegExp(`^${family}\\{.*stream="([^"]*)".*\\} (.*)$`, 'gm'));
  return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
}
