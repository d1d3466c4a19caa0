import { setTimeout as sleep } from 'node:timers/promises';
import { type EpochMs, minuteMs, secondMs } from '../../src/model/time.ts';
import type { World } from '../../src/simulator/world/world.ts';
import type { Prometheus } from '../support/prometheus.ts';
import { waitFor } from '../support/wait-for.ts';

/** Maximum time that the exporter may take to catch up after the last fault. */
const maxCatchUpMs = 3 * minuteMs;

/** Time without a change after which the totals are steady, and the maximum time to wait for that. */
const steadyMs = 10 * secondMs;
const maxSteadyMs = minuteMs;

/** Waits until the watermark of every stream and every domain has reached `until`. */
export async function waitForAll(world: World, until: EpochMs, prometheus: Prometheus): Promise<void> {
  const watermarks = {
    livestream_push_watermark_timestamp_seconds: world.streams.length,
    livestream_control_watermark_timestamp_seconds: world.scenario.domains.length,
  };
  await waitFor(
    'the exporter to catch up',
    async () => {
      for (const [metric, targets] of Object.entries(watermarks)) {
        const reached = await prometheus.query(`${metric} * 1000 >= ${until}`);
        if (reached.length < targets) return undefined;
      }
      return true;
    },
    maxCatchUpMs,
  );
}

/**
 * Waits until no total has changed for a while. Empty ranges are requested again after all watermarks have reached the
 * end, with lower priority, so on a busy machine late samples are counted some seconds later.
 */
export async function waitUntilSteady(prometheus: Prometheus, signal: AbortSignal): Promise<void> {
  const totals = 'sum by (__name__) ({__name__=~"livestream_(push|control)_.+_total"})';
  const startedAtMs = performance.now();
  let steadySinceMs = startedAtMs;
  let known = '';
  while (performance.now() - startedAtMs < maxSteadyMs && performance.now() - steadySinceMs < steadyMs) {
    const found = JSON.stringify(await prometheus.query(totals));
    if (found !== known) steadySinceMs = performance.now();
    known = found;
    await sleep(secondMs, undefined, { signal });
  }
}
