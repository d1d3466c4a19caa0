import type { World } from '../../../src/simulator/world/world.ts';
import { delayMs } from './story.ts';

/** Present and above 0 for every live stream. */
const gauges = ['livestream_push_up', 'livestream_push_fps', 'livestream_push_bitrate_bps'];
const counters = ['samples', 'observed_seconds', 'frames', 'bytes'].map(
  (what) => `livestream_push_${what}_total`,
);

/** Watches consecutive scrapes. */
export function createWatch() {
  let shown = gauges.map(() => new Set<string>());
  let scrapes = 0;
  let flaps = 0;
  let oldestWatermarkMs: number | undefined;
  return {
    /** Pass `now` once every stream was polled; before that, watermarks are ignored. */
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
 * Returns the streams with wrong totals. A call sees the samples that are visible when it arrives, at its
 * watermark or later. So totals can lack some of the newest samples before the watermark, up to the delay.
 */
export function wrongStreams(world: World, text: string): readonly string[] {
  const watermarks = valuesOf(text, 'livestream_push_watermark_timestamp_seconds');
  const totals = counters.map((counter) => valuesOf(text, counter));
  return world.streams.flatMap(({ name }) => {
    const exposed = totals.map((total) => total.get(name)).join();
    const watermark = (watermarks.get(name) ?? 0) * 1_000;
    for (let lateMs = 0; lateMs <= delayMs; lateMs += 1_000) {
      const truth = world.truthOf(name, world.startedAt, watermark - lateMs + 1);
      const { samples, observedMs, milliframes, bytes } = truth;
      if (exposed === [samples, observedMs / 1_000, milliframes / 1_000, bytes].join()) return [];
    }
    return [`${name}: ${exposed} up to ${watermark}`];
  });
}

/** Returns the values of a family by stream. */
function valuesOf(text: string, family: string): ReadonlyMap<string, number> {
  const lines = text.matchAll(new RegExp(`^${family}\\{.*stream="([^"]*)".*\\} (.*)$`, 'gm'));
  return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
}
