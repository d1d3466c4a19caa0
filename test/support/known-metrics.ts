import { controlFamilies } from '../../src/metrics/control/control-families.ts';
import { createExporterMetrics } from '../../src/metrics/exporter/exporter-metrics.ts';
import { pushFamilies } from '../../src/metrics/push/push-families.ts';

/** Returns every metric name that can occur on a line of the exposition. */
export function knownMetrics(): ReadonlySet<string> {
  const families = [...pushFamilies, ...controlFamilies].map(({ name, type }) =>
    type === 'counter' ? `${name}_total` : name,
  );
  const own = createExporterMetrics({ version: '0', nodeVersion: '0' }).list.flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set([...families, ...own]);
}

/** Returns the exporter's metrics in an expression. */
export function metricsIn(expression: string): readonly string[] {
  // A name with a colon is a recording rule.
  return expression.match(/(?<![\w:])livestream_\w+(?![\w:])/g) ?? [];
}
