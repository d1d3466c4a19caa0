import { setTimeout as sleep } from 'node:timers/promises';
import type { Prometheus } from '../support/prometheus.ts';
import type { Exporter } from './exporter.ts';
import type { FaultProxy } from './fault-proxy.ts';

/** Of a domain that never will be: RFC 2606. */
const unknownHost = 'sim.invalid';

const lastsMs = 6_000;

/**
 * For some seconds the name of both providers' endpoint does not resolve, as the exporter reads it from its config. Brings
 * how many calls failed for it: no more than were counted as failed beyond all that the proxy can have to do with.
 */
export async function withoutNames(
  { exporter, proxy, prometheus }: { exporter: Exporter; proxy: FaultProxy; prometheus: Prometheus },
  signal: AbortSignal,
): Promise<number> {
  const nap = (ms: number) => sleep(ms, undefined, { signal });
  const failed = async () => {
    const [sum] = await prometheus.query('sum(livestream_api_request_failures_total{kind="unavailable"})');
    return sum?.value ?? 0;
  };

  // This life has been scraped by then.
  await nap(2_500);
  const mayFail = proxy.waiting();
  const arrivedBefore = proxy.arrived();
  const failedBefore = await failed();
  await exporter.moveTo(`http://${unknownHost}:${new URL(proxy.url).port}`);
  await nap(lastsMs);
  const failures = (await failed()) - failedBefore - mayFail - (proxy.arrived() - arrivedBefore);
  if (!/ENOTFOUND|EAI_AGAIN/.test(exporter.output())) {
    throw new Error(`no name should have been found: ${exporter.output().slice(-1_000)}`);
  }
  await exporter.moveTo(proxy.url);
  return Math.max(0, failures);
}
