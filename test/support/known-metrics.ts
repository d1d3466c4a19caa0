import { controlFamilies } from '../../src/metrics/control/control-families.ts';
import { createExporterMetrics } from '../../src/metrics/exporter/exporter-metrics.ts';
import { pushFamilies } from '../../src/metrics/push/push-families.ts';

/** Every name that a line of the exposition may begin with. */
export function knownMetrics(): ReadonlySet<string> {
  const families = [...pushFamilies, ...controlFamilies].map(({ name, type }) =>
    type === 'counter' ? `${name}_total` : name,
  );
  const own = createExporterMetrics({ version: '0', nodeVersion: '0' }).list.flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set([...families, ...own]);
}

/** The exporter's metrics that an expression names, wherever in it. */
export function metricsIn(expression: string): readonly string[] {
  // With a colon before or after it is the name of something recorded.
  return expression.match(/(?<![\w:])livestream_\w+(?![\w:])/g) ?? [];
}
