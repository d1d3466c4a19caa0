import type { Registry } from 'prom-client';
import { labelText } from '../table/label-text.ts';
import { numberText } from '../table/number-text.ts';
import { type Format, headText, lineName } from '../table/text-format.ts';

/**
 * Renders a prom-client registry without the last line of the format. Does not use `registry.metrics()`,
 * which renames the counters while it renders OpenMetrics, so that a concurrent render of the other format
 * would be wrong.
 */
export async function registryText(registry: Registry, format: Format): Promise<string> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.map((metric) => metricText(metric, format)).join('');
}

/** Metric of `getMetricsAsJSON`, with the fields that prom-client's types omit. */
interface Metric {
  readonly name: string;
  readonly help: string;
  /** A string, although prom-client's types declare a numeric enum. */
  readonly type: unknown;
  readonly values: readonly Value[];
}

interface Value {
  readonly value: number;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  /** Name on the line of a histogram, as `x_bucket`. */
  readonly metricName?: string;
}

function metricText({ name, help, type, values }: Metric, format: Format): string {
  if (values.length === 0) return '';
  const head = { name: type === 'counter' ? name.replace(/_total$/, '') : name, help, type: String(type) };
  const lines = values.map(({ metricName = lineName(head), labels, value }) => {
    const text = labelText(asStrings(labels));
    return `${metricName}${text === '' ? '' : `{${text}}`} ${numberText(value)}\n`;
  });
  return headText(head, format) + lines.join('');
}

/** Converts bucket bounds, which are numbers. */
function asStrings(labels: Value['labels']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      name,
      typeof value === 'number' ? numberText(value) : (value ?? ''),
    ]),
  );
}
