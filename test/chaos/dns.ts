import { setTimeout as sleep } from 'node:timers/promises';
import type { Prometheus } from '../support/prometheus.ts';
import type { Exporter } from './exporter.ts';
import type { FaultProxy } from './fault-proxy.ts';

/** Of a domain that never will be: RFC 2606. */
const unknownHost = 'sim.invalid';

/** This life has been asked and scraped by then. */
const firstMs = 2_500;
const lastsMs = 6_000;

/**
 * For some seconds of a life the name of both providers' endpoint does not resolve, as the exporter reads it from its
 * config. Brings how many calls failed for it, at least: those that the exporter has counted, by the last scrape, and that
 * never arrived. `arrivedBefore`: calls that had come to the proxy when this life began.
 */
export async function withoutNames(
  {
    exporter,
    proxy,
    prometheus,
    arrivedBefore,
  }: { exporter: Exporter; proxy: FaultProxy; prometheus: Prometheus; arrivedBefore: number },
  signal: AbortSignal,
): Promise<number> {
  await sleep(firstMs, undefined, { signal });
  await exporter.moveTo(`http://${unknownHost}:${new URL(proxy.url).port}`);
  await sleep(lastsMs, undefined, { signal });
  const [counted] = await prometheus.query('sum(livestream_api_requests_total)');
  const arrived = proxy.arrived() - arrivedBefore;
  if (!/ENOTFOUND|EAI_AGAIN/.test(exporter.output())) {
    throw new Error(`no name should have been found: ${exporter.output().slice(-1_000)}`);
  }
  await exporter.moveTo(proxy.url);
  return Math.max(0, (counted?.value ?? 0) - arrived);
}
