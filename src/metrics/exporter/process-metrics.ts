import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';

/**
 * Default metrics of prom-client that are removed. They are gauges whose names end like that of a counter,
 * which `promtool check metrics` rejects.
 */
const misnamedMetrics = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

let created: readonly Metric[] | undefined;

/**
 * Returns the metrics of the process and of Node. All registries of a process share them: prom-client cannot stop its
 * observers of the garbage collection and of the event loop, so those of a registry would outlive it.
 */
export function processMetrics(): readonly Metric[] {
  created ??= createProcessMetrics();
  return created;
}

function createProcessMetrics(): readonly Metric[] {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedMetrics) registry.removeSingleMetric(name);
  return registry.getMetricsAsArray().flatMap(({ name }) => registry.getSingleMetric(name) ?? []);
}
