import { setTimeout as sleep } from 'node:timers/promises';
import type { Prometheus } from '../support/prometheus.ts';
import type { Exporter } from './exporter.ts';
import type { FaultProxy } from './fault-proxy.ts';

/** Name in a reserved top-level domain that never resolves (RFC 2606). */
const unknownHost = 'sim.invalid';

/** Time from the start of a run until it has polled and been scraped. */
const firstMs = 2_500;
const durationMs = 6_000;

/**
 * Reloads the config with an endpoint whose name does not resolve, for some seconds. Returns the minimum
 * number of requests that failed because of it: those that the exporter counted by the last scrape minus
 * those that arrived at the proxy. `arrivedBefore` is the number of requests that had arrived when the
 * exporter started.
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
  await exporter.reloadWithEndpoint(`http://${unknownHost}:${new URL(proxy.url).port}`);
  await sleep(durationMs, undefined, { signal });
  const [counted] = await prometheus.query('sum(livestream_api_requests_total)');
  const arrived = proxy.arrived() - arrivedBefore;
  // The log gathers failures for up to half a minute, so look at the streams.
  if (!(await exporter.streams()).includes(`cannot resolve ${unknownHost}`)) {
    throw new Error(`expected a failed name lookup: ${exporter.output().slice(-1_000)}`);
  }
  await exporter.reloadWithEndpoint(proxy.url);
  return Math.max(0, (counted?.value ?? 0) - arrived);
}
